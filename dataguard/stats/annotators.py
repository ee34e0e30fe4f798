"""Labels that several people gave to the same items: who gave which, and how far they agree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import Column, Dataset, Derived, Kind, Split

if TYPE_CHECKING:
    import polars as pl

NAMES = (
    "annotator", "annotators", "rater", "labeler", "labeller", "coder", "assessor", "judge",
    "worker", "workerid", "annotatorid", "raterid", "crowdworker", "tagger", "marker",
)  # fmt: skip
"""First or last words of names of columns that say who labelled a row."""

LABELLED_BY = (
    "annotated_by", "labeled_by", "labelled_by", "rated_by", "coded_by", "tagged_by", "judged_by",
)  # fmt: skip

MOST_ANNOTATORS = 0.5
"""Distinct annotators over rows, at most; who labels one row each cannot be judged."""

LEAST_REPEATS = 1.2
"""Mean ratings an item from which on items are rated by several."""

APART = 0.9
"""Least share of distinct pairs of item and annotator: few rate an item twice."""

MOST_CANDIDATES = 12
"""Columns that are asked whether they name the items."""


class Ratings(msgspec.Struct, frozen=True):
    """Who gave which label to what, in one split.

    Attributes:
        annotator: Name of the column of annotators.
        item: Name of the column that tells items apart.
        given: Columns "row", "item" (number), "annotator" (text) and "label" (one spelling a
            class); rows without one of them are left out, and so are items with one rating.
    """

    annotator: str
    item: str
    given: pl.DataFrame


def annotator_column(split: Split) -> Column | None:
    """The column that by its name says who labelled a row; None where its values do not repeat."""
    for column in split.columns:
        if column is split.label or column.kind in (Kind.EMPTY, Kind.NESTED, Kind.DATE, Kind.TEXT):
            continue
        if _says_who(column.name) and 2 <= column.distinct <= MOST_ANNOTATORS * column.sampled:
            return column
    return None


def _says_who(name: str) -> bool:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()
    words = [w for w in re.split(r"[\W_]+", plain) if w]
    if "_".join(words) in LABELLED_BY:
        return True
    rest = [w for w in words if w not in ("id", "name", "no", "nr", "number", "code", "hash")]
    return len(rest) == 1 and rest[0] in NAMES


async def ratings(data: Dataset) -> dict[str, Ratings]:
    """The ratings of each split that has a column of annotators and items rated by several."""
    found: dict[str, Ratings] = {}
    for split in data.splits:
        who, label = annotator_column(split), split.label
        if who is None or label is None:
            continue
        items = _maybe_items(split, who, label)
        columns = [c.text.alias(f"item {i}") for i, c in enumerate(items)]
        columns += [who.text.str.strip_chars().alias("annotator"), _class(split).alias("label")]
        table = (await split.map(columns)).with_row_index("row")
        place = _items(table, len(items))
        if place is not None:
            given = _given(table, f"item {place}")
            if given.height:
                found[split.name] = Ratings(who.name, items[place].name, given)
    return found


def _class(split: Split) -> pl.Expr:
    """The label, one spelling a class; null where it is missing."""
    import polars as pl

    from dataguard.stats.class_names import is_unlabelled, unlabelled_words

    assert split.label is not None
    missing = is_unlabelled(split.label, unlabelled_words(split))
    return pl.when(~missing).then(split.label.canonical.str.replace_all(r"[\s_-]+", " "))


def _maybe_items(split: Split, who: Column, label: Column) -> list[Column]:
    """The columns that may tell items apart, the most varied first."""
    columns = [
        c
        for c in split.columns
        if c.name not in (who.name, label.name)
        and c.kind not in (Kind.EMPTY, Kind.NESTED, Kind.DATE)
        and c.distinct > max(2, who.distinct // 2)
    ]
    return sorted(columns, key=lambda c: (-c.distinct, c.name))[:MOST_CANDIDATES]


def _items(table: pl.DataFrame, candidates: int) -> int | None:
    """Which of the columns tells items apart: the most varied one that annotators share."""
    import polars as pl

    best: tuple[int, int] | None = None
    for place in range(candidates):
        item = f"item {place}"
        known = table.select(item, "annotator").drop_nulls()
        distinct = known.get_column(item).n_unique()
        pairs = known.select(pl.struct(item, "annotator").n_unique()).item()
        repeated = known.height >= LEAST_REPEATS * max(1, distinct)
        if repeated and pairs >= APART * known.height and (best is None or distinct > best[0]):
            best = (distinct, place)
    return best[1] if best else None


def _given(table: pl.DataFrame, item: str) -> pl.DataFrame:
    import polars as pl

    given = table.select("row", pl.col(item).alias("item"), "annotator", "label").drop_nulls()
    given = given.unique(["item", "annotator"], keep="first", maintain_order=True)
    given = given.filter(pl.len().over("item") > 1)
    return given.with_columns(item=pl.col("item").rank("dense").cast(pl.UInt32) - 1).sort("row")


class Agreement(msgspec.Struct, frozen=True):
    """How far annotators agree.

    Attributes:
        items: Items with two ratings or more.
        disputed: Those of them whose ratings differ.
        observed: Mean share of agreeing pairs of ratings of an item.
        kappa: Cohen's for two annotators, else Fleiss'; 1 for agreement, 0 for what chance gives.
        name: Whose kappa it is.
    """

    items: int
    disputed: int
    observed: float
    kappa: float
    name: str


def agreement(given: pl.DataFrame) -> Agreement:
    """How far the ratings of each item agree.

    Fleiss' kappa (Fleiss 1971, Measuring nominal scale agreement among many raters, Psychological
    Bulletin 76), with the mean over items for items of unlike numbers of ratings; for two
    annotators Cohen's (Cohen 1960, A coefficient of agreement for nominal scales, Educational and
    Psychological Measurement 20), whose chance agreement knows each one's habits.
    """
    import polars as pl

    counts = given.group_by("item", "label").len("n").with_columns(pl.col("n").cast(pl.Float64))
    items = counts.group_by("item").agg(
        size=pl.col("n").sum(), same=(pl.col("n") * (pl.col("n") - 1)).sum(), labels=pl.len()
    )
    share = items.select((pl.col("same") / (pl.col("size") * (pl.col("size") - 1))).mean())
    observed = float(share.item())
    people = given.get_column("annotator").unique().sort().to_list()
    tables = [given.filter(annotator=p) for p in people] if len(people) == 2 else [given, given]
    habits = [_shares(table) for table in tables]
    chance = sum(habits[0][label] * habits[1].get(label, 0.0) for label in habits[0])
    kappa = 1.0 if chance >= 1 else (observed - chance) / (1 - chance)
    disputed = items.filter(pl.col("labels") > 1).height
    name = "Cohen's" if len(people) == 2 else "Fleiss'"
    return Agreement(items.height, disputed, observed, kappa, name)


def _shares(table: pl.DataFrame) -> dict[str, float]:
    counted: Counter[str] = Counter(table.get_column("label").to_list())
    return {label: n / counted.total() for label, n in sorted(counted.items())}


class Dissenter(msgspec.Struct, frozen=True):
    """An annotator who disagrees with the others more often than they do.

    Attributes:
        name: Who.
        rated: Items that the others agree on by majority.
        against: Those of them on which this one says otherwise.
        usual: The share of all others who do.
        chance: Probability of so many by chance, times the number of annotators (Bonferroni).
        rows: The rows of these ratings.
    """

    name: str
    rated: int
    against: int
    usual: float
    chance: float
    rows: Sequence[int]


def dissenters(given: pl.DataFrame, *, chance: float, lead: float) -> list[Dissenter]:
    """The annotators who stand out, worst first.

    Each rating is held against the majority of the item's other ratings (ties say nothing). One
    stands out by a one-sided binomial test against the share of dissent among all others,
    corrected for the number of annotators (Bonferroni), and by a share `lead` higher.

    Args:
        given: See `Ratings`; with two annotators nobody can tell which one is wrong.
        chance: Largest corrected probability.
        lead: Least difference between this one's share of dissent and that of the others.
    """
    import polars as pl

    judged = _against_majority(given)
    total = judged.group_by("annotator").agg(n=pl.len(), k=pl.col("against").sum())
    counted = {who: (int(n), int(k)) for who, n, k in total.sort("annotator").rows()}
    if len(counted) < 3:
        return []
    rated, dissent = sum(n for n, _ in counted.values()), sum(k for _, k in counted.values())
    found = []
    for who, (n, k) in counted.items():
        usual = (dissent - k + 1) / (rated - n + 2)
        p = min(1.0, len(counted) * at_least(k, n, usual))
        if p <= chance and k / n - usual >= lead:
            rows = judged.filter((pl.col("annotator") == who) & pl.col("against"))
            found.append(Dissenter(who, n, k, usual, p, rows.get_column("row").sort().to_list()))
    return sorted(found, key=lambda d: (-d.against / d.rated, d.name))


def _against_majority(given: pl.DataFrame) -> pl.DataFrame:
    """Ratings of items with three or more, with whether they go "against" the others' majority."""
    import polars as pl

    counts = given.group_by("item", "label").len("n")
    rated = given.filter(pl.len().over("item") > 2).select("row", "item", "annotator", "label")
    others = rated.join(counts, on="item", suffix="_other").with_columns(
        left=pl.col("n").cast(pl.Int64) - (pl.col("label") == pl.col("label_other"))
    )
    best = pl.col("left").max().over("row")
    top = others.filter((pl.col("left") == best) & (pl.col("left") > 0))
    sole = top.filter(pl.len().over("row") == 1)
    return sole.select("row", "annotator", against=pl.col("label") != pl.col("label_other"))


def at_least(hits: int, tries: int, probability: float) -> float:
    """The chance of `hits` or more in `tries` (binomial)."""
    from math import exp, lgamma, log

    if hits <= 0 or probability >= 1:
        return 1.0
    if probability <= 0:
        return 0.0
    whole = lgamma(tries + 1)
    terms = (
        whole - lgamma(k + 1) - lgamma(tries - k + 1)
        + k * log(probability) + (tries - k) * log(1 - probability)
        for k in range(hits, tries + 1)
    )  # fmt: skip
    return min(1.0, sum(exp(term) for term in terms))


async def rated_splits(data: Dataset) -> frozenset[str]:
    """Names of the splits whose rows are ratings of items by several annotators (see LAB010)."""
    if not any(annotator_column(split) for split in data.splits):
        return frozenset()
    return frozenset(await Derived(ratings))
