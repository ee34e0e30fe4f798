"""How well one column alone tells the class: simple rules, so that chance cannot fit them.

All scores are balanced: 1 for a column that gives every class away, about 1 / classes, or 0.5, for
one that says nothing. Judged is the class that is told worst.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import share

if TYPE_CHECKING:
    import polars as pl

LEAST_ROWS = 10
"""Rows that a class must have to be judged."""

MOST_CLASSES = 100
ROWS_A_VALUE = 10
"""Mean rows a value; columns with more values tell rows apart, and by that the class of each."""


PURE = 0.99
"""Share of one class among the rows in which a cell is filled in, for that to be a rule."""

MOST_LETTERS = 10_000_000
"""Letters of all texts together that are searched for words, an equal share of each: of 10,000
texts 500 at the beginning and 500 at the end, some 150 words."""

LEAST_RECALL = 0.5
"""Share of the smallest class's texts in which a word stands that may tell a class; no check takes
a lower score for one that does."""

LEAST_PAIRS = 50
"""Rows with both numbers from which on a rank correlation is judged."""


class Rule(msgspec.Struct, frozen=True):
    """One way in which a column tells the class.

    Attributes:
        how: "value", "range", "missing", "filled", "token" or "order".
        score: 0 to 1.
        words: The rule in words, for a message.
    """

    how: str
    score: float
    words: str


def judged_classes(labels: pl.Series) -> list[str]:
    """The classes with enough rows, commonest first; empty where there are not two or too many."""
    counted = Counter(labels.drop_nulls().to_list())
    many = sorted(((n, y) for y, n in counted.items() if n >= LEAST_ROWS), reverse=True)
    return [y for _, y in many] if 2 <= len(many) <= MOST_CLASSES else []


def _labelled(values: pl.Series, labels: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The rows with a label."""
    if not labels.null_count():
        return values, labels
    known = labels.is_not_null()
    return values.filter(known), labels.filter(known)


def by_value(values: pl.Series, labels: pl.Series, classes: list[str]) -> Rule:
    """Least recall of a class where each row's class is guessed from the other rows of its value.

    Leave-one-out: a value that stands once tells nothing. 0 where values are too many.
    """
    values, labels = _labelled(values, labels)
    if values.n_unique() * ROWS_A_VALUE > len(values):
        return Rule("value", 0.0, "")
    counted: dict[str | None, list[tuple[int, str]]] = {}
    pairs = Counter(zip(values.to_list(), labels.to_list(), strict=True))
    for (value, label), rows in pairs.items():
        counted.setdefault(value, []).append((rows, label))
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for classes_of_value in counted.values():
        (most, label), (second, _), *_rest = [*sorted(classes_of_value, reverse=True), (0, "")]
        if most - 1 > second:
            right[label] += most
        for rows, other in classes_of_value:
            total[other] += rows
    score = min(right[c] / total[c] if total[c] else 0.0 for c in classes)
    return Rule("value", score, f"its value tells the class of {share(score, 1)} of the rows")


def by_range(values: pl.Series, labels: pl.Series, classes: list[str]) -> Rule:
    """Least balanced accuracy of a class told by one range of a number.

    The best range for a class has the balanced accuracy (1 + V) / 2, where V is Kuiper's statistic
    of the class against the rest (Kuiper 1960): the largest lead of one distribution function over
    the other plus the largest lag. A missing number is told apart from all ranges.
    """
    import polars as pl

    values, labels = _labelled(values, labels)
    sizes, rows = Counter(labels.to_list()), len(labels)
    leads = []
    for i, name in enumerate(classes):
        size = sizes[name]
        if size in (0, rows):
            return Rule("range", 0.0, "")
        mine = pl.col("y") == name
        lead = (mine.cum_sum() / size - (~mine).cum_sum() / (rows - size)).filter("last")
        leads.append((lead.max().clip(0) - lead.min().clip(None, 0)).alias(str(i)))
    frame = pl.DataFrame({"x": values, "y": labels}).sort("x")
    ordered = frame.with_columns(last=pl.col("x").is_last_distinct())
    score = (1 + float(ordered.select(pl.min_horizontal(leads)).item())) / 2
    return Rule("range", score, f"each class has a range, balanced accuracy {score:.3g}")


def by_missing(missing: pl.Series, labels: pl.Series, classes: list[str]) -> Rule:
    """Best balanced accuracy of a class against the rest, told by whether the cell is missing."""
    import polars as pl

    frame = pl.DataFrame({"m": missing, "y": labels}).drop_nulls("y")
    best, told = 0.0, ""
    for name in classes:
        gaps = frame.group_by(pl.col("y") == name).agg(pl.col("m").mean())
        shares = dict(gaps.iter_rows())
        if len(shares) == 2:
            score = (1 + abs(shares[True] - shares[False])) / 2
            if score > best:
                best, told = score, name
    return Rule(
        "missing", best, f"missing or not tells `{told}`, balanced accuracy {share(best, 1)}"
    )


def one_sided(sides: list[pl.Series], labels: pl.Series, least: int) -> Rule | None:
    """The rule that all rows in which a cell is filled in are of one class, or all where it is not.

    Args:
        sides: Where the cell is filled in, where it is missing (booleans).
        labels: The classes.
        least: Rows that the side must have; of the other rows three quarters at most may be of
            that class.
    """
    import polars as pl

    for where, side in zip(("filled in", "missing"), sides, strict=True):
        frame = pl.DataFrame({"p": side, "y": labels}).drop_nulls()
        inside = frame.filter("p").get_column("y")
        if len(inside) < least or len(inside) == frame.height:
            continue
        name = inside.mode().sort()[0]
        pure = float((inside == name).mean() or 0)
        others = frame.filter(~pl.col("p")).get_column("y")
        if pure >= PURE and float((others == name).mean() or 0) <= 0.75:
            return Rule("filled", pure, f"where it is {where}, {pure:.3g} are `{name}`")
    return None


def by_token(
    texts: pl.Series, labels: pl.Series, classes: list[str], most: int = MOST_LETTERS
) -> Rule:
    """The word that best tells a class: the smaller one of its precision and its recall.

    Words are what white space parts, in lower case; each counts once a text. Of long texts the
    beginning and the end are searched, so that no more than `most` letters are. Words in fewer
    texts than half of the smallest class has are left out: a score of 0 where there are no others.
    """
    import polars as pl

    half = most // max(1, len(texts)) // 2
    judged = pl.col("y").is_in(classes) & pl.col("t").is_not_null()
    frame = pl.DataFrame({"y": labels, "t": texts}).filter(judged)
    letters = frame.get_column("t").str.len_chars()
    text = pl.col("t")
    if (letters > 2 * half).any():
        text = pl.when(letters > 2 * half).then(_ends(half)).otherwise("t")
    words = frame.select("y", text.str.to_lowercase().str.split(" ").list.unique()).explode("t")
    counted = words.group_by("t", "y").len(name="n")
    sizes = Counter(frame.get_column("y").to_list())
    often = counted.filter(pl.col("n") >= LEAST_RECALL * min(sizes.values(), default=0))
    rows = counted.filter(pl.col("t").is_in(often.get_column("t").implode())).rows()
    of_word: Counter[str] = Counter()
    for word, _, n in rows:
        of_word[word] += n
    told = ((min(n / of_word[word], n / sizes[y]), n, word, y) for word, y, n in rows if word)
    best = min(told, key=lambda rule: (-rule[0], -rule[1], *rule[2:]), default=None)
    if best is None:
        return Rule("token", 0.0, "")
    score, _, word, name = best
    words_said = f"the word `{word[:40]}` tells `{name}` in {share(score, 1)} of the rows"
    return Rule("token", score, words_said)


def _ends(half: int) -> pl.Expr:
    """The first and the last letters of `t`, without the words that are cut."""
    import polars as pl

    text = pl.col("t").str
    ends = [text.head(half).str.replace(r"\S+$", ""), text.tail(half).str.replace(r"^\S+", "")]
    return pl.concat_str(ends, separator=" ")


def same_order(values: pl.Series, target: pl.Series) -> Rule:
    """How nearly a column puts the rows in the order of a numeric target (Spearman's |rho|)."""
    import polars as pl

    frame = pl.DataFrame({"x": values, "y": target}).drop_nulls()
    if (
        frame.height < LEAST_PAIRS
        or min(frame.get_column(c).n_unique() for c in "xy") * 2 < frame.height
    ):
        return Rule("order", 0.0, "")
    rho = frame.select(pl.corr("x", "y", method="spearman")).item()
    score = abs(float(rho)) if rho is not None else 0.0
    return Rule("order", score, f"same order as the target, rank correlation {rho:.5g}")


def neighbours_agree(places: pl.Series, labels: pl.Series) -> float:
    """How much more often than by chance neighbours in an order have one class (Cohen's kappa)."""
    import polars as pl

    ordered = pl.DataFrame({"x": places, "y": labels}).drop_nulls().sort("x", maintain_order=True)
    if ordered.height < 2:
        return 0.0
    labels = ordered.get_column("y")
    same = float((labels == labels.shift(1)).sum()) / (ordered.height - 1)
    counts = labels.value_counts(name="n").get_column("n")
    chance = float(((counts / ordered.height) ** 2).sum())
    return (same - chance) / (1 - chance) if chance < 1 else 0.0
