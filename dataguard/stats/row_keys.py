"""By which columns two rows are the same, and which rows are: shared by duplicates and leakage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from dataguard.api import (
    DISGUISED_MISSING,
    ROW,
    Column,
    Dataset,
    Derived,
    Kind,
    Split,
    together,
)

if TYPE_CHECKING:
    import polars as pl

UNIQUE = 0.95
"""Share of distinct values from which on a column may number the rows; less, and it repeats."""

MOST_GAPS = 0.02
"""Share of missing cells up to which a column may number the rows."""

NUMBERING_WORDS = (
    "id", "ids", "uid", "uuid", "guid", "key", "no", "nr", "num", "number", "index", "idx", "row",
    "rownames", "record", "serial", "ref", "x", "",
)  # fmt: skip
"""Last words of the names of columns that number rows or stand for them."""

TIME_WORDS = ("year", "years", "date", "time", "day", "month", "week", "t")
"""Last words of names of columns that count time; these are dense and unique, but no numbering."""

SPREAD = 1.3
"""A column of unique whole numbers numbers the rows where their range is at most so many times the
number of rows: a fifth held out of rows numbered from 1 leaves a range of 1.25 times. The outer
twentieths are left out: rows that were added later have numbers from elsewhere."""

MANY = 200
"""Sampled rows from which on a dense column may repeat some numbers: of as many numbers drawn at
random from so narrow a range, a third would be repeated."""

BIG = 100_000
"""Rows from which on candidates are looked for by a cheap key first: normalising 350 MB of text
takes 13 s on two cores, its beginnings 3 s."""

PREFIX, WINDOW = 24, 48
"""A cheap key holds the first 24 letters and digits of the first 48 characters, or the last 24 of
the last 48, or both."""

TELLING = 0.98
"""Share of a sample's texts that one end must tell apart for a cheap key to do without the other:
half the time. Texts made from a template begin, or end, alike."""

CHEAP_COLUMNS = 3
"""Columns of a cheap key: the most varied ones."""

CHEAP_TEXTS = 1
"""Columns of a cheap key where there are texts: the most varied one alone."""

MOST_CANDIDATES = 0.2
"""Share of the rows up to which candidates are looked at alone; with more, all rows are."""

Groups = dict[str, "pl.DataFrame"]
"""By split name: rows that have company, as columns "row" and "group" (UInt32)."""


class End(StrEnum):
    """An end of a text."""

    FIRST = "first"
    LAST = "last"


def numbering(split: Split) -> frozenset[str]:
    """The columns that tell rows apart and say nothing else: the id, and what looks like one."""
    return split.once(_numbering)


def _numbering(split: Split) -> frozenset[str]:
    found = {c.name for c in split.of_role("id")}
    taken = {name for role, info in split.roles.items() if role != "id" for name in info.columns}
    for column in split.columns:
        gaps = column.missing > MOST_GAPS * split.height
        if column.name in taken or gaps:
            continue
        if column.sampled < 20 or column.distinct_share < UNIQUE:
            continue
        last = column.name.strip().lower().replace(" ", "_").replace("-", "_").rpartition("_")[2]
        number = column.kind is Kind.NUMBER and column.whole
        if (last in NUMBERING_WORDS or _is_serial(split, column)) and (
            number or column.kind is Kind.CODE
        ):
            found.add(column.name)
        elif number and last not in TIME_WORDS and is_dense(split, column):
            # Copies of rows repeat their numbers too; in small tables that is no evidence.
            if column.distinct == column.sampled or column.sampled >= MANY:
                found.add(column.name)
    return frozenset(found)


def _is_serial(split: Split, column: Column) -> bool:
    """Whether it is the first column and holds one prefix and a number: "q100017"."""

    if column.kind is not Kind.CODE or column.name != split.columns[0].name:
        return False
    prefix = column.text.str.extract(r"^([^\d\s]{1,8})\d+$")
    alike = split.shown(column).select((prefix.n_unique() == 1) & prefix.is_not_null().all())
    return bool(alike.item())


def is_dense(split: Split, column: Column) -> bool:
    """Whether the middle nine tenths of the numbers take no more room than so many rows need."""
    values = split.shown(column).select(column.number.alias("n")).get_column("n")
    low, high = values.quantile(0.05), values.quantile(0.95)
    if low is None or high is None:
        return False
    return low >= 0 and high - low <= 0.9 * SPREAD * split.height


def contents(split: Split) -> tuple[Column, ...]:
    """The columns that make up what a row says: all but those that number the rows."""
    out = numbering(split)
    return tuple(c for c in split.columns if c.name not in out)


async def exact_copies(data: Dataset) -> Groups:
    """Rows whose contents stand in the same split twice or more, all members, in groups."""
    queries = {
        s.name: s.collisions([c.text for c in contents(s)]) for s in data.splits if contents(s)
    }
    found = await together(list(queries.values()))
    return {
        name: groups.select("row", "group") for name, groups in zip(queries, found, strict=True)
    }


async def normal_copies(data: Dataset) -> Groups:
    """Rows whose contents stand in the same split twice or more once normalised, likewise."""
    found: Groups = {}
    for split in data.splits:
        names = [c.name for c in contents(split)]
        if names:
            found[split.name] = await same_rows([split], names, normalised)
    return found


def without_copies(groups: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """The groups without the later ones of other groups' rows, where two rows or more are left."""
    repeats = later(copies).get_column("row")
    left = groups.filter(~groups.get_column("row").is_in(repeats.implode()))
    return left.filter(left.get_column("group").is_duplicated())


def later(groups: pl.DataFrame) -> pl.DataFrame:
    """All members but the first of each group, by row."""
    import polars as pl

    ordered = groups.sort("group", "row")
    return ordered.filter(~pl.col("group").is_first_distinct()).sort("row")


def wordy(split: Split, names: Sequence[str]) -> frozenset[str]:
    """The columns of `names` that hold texts of several words, judged by the sample."""
    from dataguard.stats.chance import has_words

    cells = split.preview.select(split[n].text.alias(n) for n in names)
    return frozenset(c.name for c in cells.get_columns() if has_words(c))


def shown_columns(split: Split) -> list[str]:
    """The one column that tells a reader most of a row: a text, or the first that is no id."""
    columns = contents(split) or split.columns
    texts = [c for c in columns if c.kind is Kind.TEXT]
    return [(texts or list(columns))[0].name]


def first_rows(groups: pl.DataFrame) -> dict[int, int]:
    """The first row of each group."""
    firsts = groups.sort("row").unique("group", keep="first", maintain_order=True)
    return dict(firsts.select("group", "row").iter_rows())


def pairs_in(groups: pl.DataFrame) -> float:
    """How many pairs of rows share a group."""
    import polars as pl

    sizes = groups.group_by("group").len().get_column("len").cast(pl.Float64)
    return float((sizes * (sizes - 1)).sum()) / 2


def pairs_across(groups: pl.DataFrame) -> float:
    """How many pairs of rows of two splits share a group."""
    import polars as pl

    left = (pl.col("split") == pl.col("split").first()).sum().cast(pl.Float64)
    return float(groups.group_by("group").agg(n=left * (pl.len() - left))["n"].sum())


def matching(column: Column) -> pl.Expr:
    """The cell as `String` in a form in which the same value in two files is equal.

    Beyond the canonical form, "no value" is written in no way, numbers in one way (12 digits, so
    that a copy that went through another program still matches), and midnight is no time of day.
    """
    import polars as pl

    text = column.canonical
    if column.kind is Kind.TEXT:
        return text
    if column.kind is Kind.DATE:
        return text.str.replace(r"[ t]00:00:00(?:\.0+)?$", "")
    text = pl.when(~text.is_in(DISGUISED_MISSING)).then(text)
    if column.kind is not Kind.NUMBER:
        return text
    number = column.number.round_sig_figs(12) + 0.0
    short = column.text.str.len_bytes() <= 15
    exact = short | (number != number.round(0))
    return pl.when(number.is_not_null() & exact).then(number.cast(pl.String)).otherwise(text)


def normalised(column: Column) -> pl.Expr:
    """The cell as `String` without case, white space and punctuation, numbers written one way.

    What carries meaning stays: signs and separators of numbers ("-5", "1.5", "10-11"), and signs
    such as + # % & * @ / ("C", "C++" and "C#" differ). A cell of punctuation alone stays as it is.
    """
    import polars as pl

    if not column.is_string or column.kind in (Kind.NUMBER, Kind.DATE):
        return matching(column)
    text = pl.col(column.name).str.to_lowercase().str.replace_all(r"\s+", " ")
    plain = text.str.replace_all(_DROPPED, "${1}${2}")
    return pl.when(plain.str.len_bytes() > 0).then(plain).otherwise(text)


_NUMBER_RUN = r"\d+(?:[ .,:/-]+\d+)*"
_DROPPED = rf"(?:^| )([-+]?{_NUMBER_RUN})|({_NUMBER_RUN})|[\s\p{{P}}&&[^#%&*@/\\]]"
"""Numbers are matched first and kept; white space and punctuation elsewhere are matched and go."""


def letters(text: pl.Expr, ends: Sequence[End]) -> pl.Expr:
    """The first or last letters and digits of a text: equal where normal forms of texts are."""
    import polars as pl

    text = text.str.strip_chars()
    parts = []
    for end in ends:
        part = text.str.head(WINDOW) if end is End.FIRST else text.str.tail(WINDOW)
        part = part.str.to_lowercase().str.replace_all(" ", "", literal=True)  # most, and quickly
        plain = part.str.replace_all(r"[^\p{L}\p{N}]+", "")
        parts.append(plain.str.head(PREFIX) if end is End.FIRST else plain.str.tail(PREFIX))
    return pl.concat_str(parts, separator=" ")


def telling_ends(texts: pl.Series) -> tuple[End, ...]:
    """The end of a column's texts in which they differ; both where neither tells most apart.

    Args:
        texts: A sample.
    """
    import polars as pl

    frame = texts.drop_nulls().unique().to_frame("text")
    for end in End:
        if frame.select(letters(pl.col("text"), [end]).n_unique()).item() >= TELLING * len(frame):
            return (end,)
    return tuple(End)


async def same_rows(
    splits: Sequence[Split], names: Sequence[str], form: Callable[[Column], pl.Expr]
) -> pl.DataFrame:
    """Groups of rows whose cells are equal in a normal form.

    Big tables are searched by a cheap key first (see `BIG`), and only its groups are normalised.

    Args:
        splits: Where to look: within one split, or across several (groups with rows in two).
        names: The compared columns; all splits have them.
        form: The normal form of a cell as `String`: equal texts must have equal `letters`.

    Returns:
        Columns "split", "row" and "group", sorted by group, split order and row.
    """

    def exact(split: Split) -> list[pl.Expr]:
        return [form(split[name]) for name in names]

    height, first = sum(split.height for split in splits), splits[0]
    plain = len(names) <= CHEAP_COLUMNS and all(first[n].kind is not Kind.TEXT for n in names)
    if height < BIG or plain:
        return await _collisions(splits, exact)
    texts = _cheap_texts(splits, names)
    few = texts or sorted(names, key=lambda n: -first[n].distinct)[:CHEAP_COLUMNS]
    if len(splits) == 1 and texts and texts == _cheap_texts(splits, first.names):
        maybe = (await Derived(beginnings))[first.name]
    else:
        ends = _ends(first, texts)
        maybe = await _collisions(
            splits,
            lambda s: [letters(s[n].text, ends[n]) if n in ends else form(s[n]) for n in few],
        )
    if maybe.height > height * MOST_CANDIDATES:
        return await _collisions(splits, exact)
    return await _regrouped(splits, maybe, names, exact)


async def beginnings(data: Dataset) -> dict[str, pl.DataFrame]:
    """Rows of one big split whose main texts begin and end alike, by split name."""
    texts = {s.name: _cheap_texts([s], s.names) for s in data.splits if s.height >= BIG}
    asked = [s for s in data.splits if texts.get(s.name)]
    ends = {s.name: _ends(s, texts[s.name]) for s in asked}
    queries = [
        s.collisions([letters(s[n].text, e) for n, e in ends[s.name].items()]) for s in asked
    ]
    found = await together(queries)
    return {split.name: groups for split, groups in zip(asked, found, strict=True)}


def _cheap_texts(splits: Sequence[Split], names: Sequence[str]) -> list[str]:
    """The most varied columns that hold texts in all splits: what a cheap key is made of."""
    texts = [n for n in names if all(s[n].kind is Kind.TEXT for s in splits)]
    return sorted(texts, key=lambda n: -splits[0][n].distinct)[:CHEAP_TEXTS]


def _ends(split: Split, texts: Sequence[str]) -> Mapping[str, Sequence[End]]:
    """Which ends of these columns a cheap key is made of."""
    return {n: telling_ends(split.preview.select(split[n].text.alias(n))[n]) for n in texts}


async def _collisions(
    splits: Sequence[Split], keys: Callable[[Split], Sequence[pl.Expr]]
) -> pl.DataFrame:
    from dataguard.queries import CollisionsQuery

    both = tuple((split, tuple(keys(split))) for split in splits)
    return await CollisionsQuery(both, across=len(splits) > 1)


async def _regrouped(
    splits: Sequence[Split],
    maybe: pl.DataFrame,
    names: Sequence[str],
    exact: Callable[[Split], Sequence[pl.Expr]],
) -> pl.DataFrame:
    """The groups of the candidates' normal forms."""
    import polars as pl

    rows = {s.name: maybe.filter(split=s.name).get_column("row").to_list() for s in splits}
    frames = await together([s.cells(rows[s.name], names) for s in splits])
    parts = [
        frame.select(
            pl.lit(split.name).alias("split"),
            pl.col(ROW).alias("row"),
            *(e.alias(f"k{i}") for i, e in enumerate(exact(split))),
            order=pl.lit(order),
        )
        for order, (split, frame) in enumerate(zip(splits, frames, strict=True))
    ]
    table = pl.concat(parts)
    keys = [c for c in table.columns if c.startswith("k")]
    table = table.filter(~pl.all_horizontal(pl.col(k).is_null() for k in keys))
    own = pl.col("order").n_unique() if len(splits) > 1 else pl.len()
    table = table.filter(own.over(keys) > 1).sort("order", "row")
    first = pl.col("position").min().over(keys)
    return (
        table.with_row_index("position")
        .with_columns(group=(first.rank("dense") - 1).cast(pl.UInt32))
        .sort("group", "order", "row")
        .select("split", "row", "group")
    )
