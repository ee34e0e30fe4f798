"""FMT004: disguised missing values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard.api import (
    DISGUISED_MISSING,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    counts,
    largest,
    quoted,
    share,
    smallest,
    together,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.queries import Aggregate, Query

LONGEST = 24
"""Bytes of the longest word that is compared; longer cells are not looked at."""


class DisguisedMissing(Check):
    """A value stands for "missing", but a reader takes it for a value.

    ## Why is this bad?
    `?` turns a column of numbers into text; -999 shifts every mean and scale; `N/A` becomes a
    category that the model learns from.

    ## How it works
    Cells of nothing but such a word (`N/A`, `null`, `-`, `?`, blanks …) are counted. In a column
    of numbers or dates every such word is reported. Elsewhere a word that may name a class
    (`none`, `unknown`) is not, once it is frequent; nor are signs in a column of signs, nor `NA`
    among country codes. Numbers such as -999 or 9999 are reported where they lie far outside all
    other values, are negative where nothing else is, or repeat far more often than any other.
    Columns whose one marker is `NA` or `NaN`, as R and NumPy write it, are told together as
    `info`.

    ## What to do
    Name them when reading: `pd.read_csv(path, na_values=["?", "-999"])`, or write empty cells.
    """

    code = "FMT004"
    name = "disguised-missing"
    severity = Severity.WARNING
    class_share = Option(
        0.1,
        "Share of the values from which a word such as `none` is taken for a class (judged).",
        low=0.0,
        high=1.0,
    )
    spike = Option(
        5.0,
        "A number such as 9999 inside the range of the others is reported if it is this many "
        "times as frequent as any of them (judged).",
        low=1.0,
    )
    words = Option((), "Further words that stand for missing, in lower case.")
    bad = (
        Example(
            train=b"age,city\n31,Lima\n?,Quito\n28,N/A\n-999,Lima\n45,Quito\n39,Lima\n",
            expect=(At(row=1, column="age"), At(row=3, column="age"), At(row=2, column="city")),
        ),
        Example(
            train=b"temp,wind\nNA,3.5\n12.5,2.5\n14.0,NA\n13.5,4.5\n",
            expect=(At(row=0, column="temp"), At(row=2, column="wind")),
            title="the marker that R writes: one finding, for information",
        ),
        Example(
            train={"price": [12.5, 9.9, 14.2, 11.8, 9999.0, 10.4, 12.9]},
            expect=(At(row=4, column="price"),),
        ),
    )
    good = (
        Example(train={"bought": [0, 1, 1, 0, 1, 0], "side": [-1, 1, 1, -1, 1, -1]}),
        Example(
            train={"garage": ["none", "attached", "none", "built-in", "none", "attached"]},
            title="a class called none",
        ),
        Example(train={"rhesus": ["+", "-", "+", "+", "-", "+"]}),
        Example(train={"country": ["NA", "FR", "US", "ZA", "NA", "DE"]}, title="Namibia"),
        Example(train={"score": [97, 98, 99, 100, 96, 99], "year": [1999, 2000, 2001] * 2}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        pairs = [(s, c) for s in data.splits for c in s.columns if c.kind is not Kind.NESTED]
        asked = [(s, c, parts) for s, c in pairs if (parts := self._parts(s, c))]
        answers = await together([s.aggregate(parts) for s, _, parts in asked])
        judged = [(s, c, a) for (s, c, _), a in zip(asked, answers, strict=True)]
        doubted = [(s, c) for s, c, a in judged if "low" in a and _may_hold_sentinels(s, c, a)]
        counted = await together([s.aggregate(_number_parts(c)) for s, c in doubted])
        numbers = {(s.name, c.name): a for (s, c), a in zip(doubted, counted, strict=True)}
        found: list[_Found] = []
        queries: list[Query[Hits]] = []
        for split, column, answer in judged:
            one = self._found(split, column, answer, numbers.get((split.name, column.name), {}))
            if one.words or one.numbers:
                found.append(one)
                queries.append(split.rows(_where(one), (column.name,)))
        hits = dict(zip(found, await together(queries), strict=True)) if queries else {}
        for split in data.splits:
            mine = [one for one in found if one.split is split]
            for one in mine:
                if not one.is_marker:
                    yield self._told(one, hits[one])
            markers = [one for one in mine if one.is_marker]
            if markers:
                yield self._markers(split, [(one, hits[one]) for one in markers])

    def _parts(self, split: Split, column: Column) -> Mapping[str, Aggregate]:
        """What is asked of every column: the words in it, its smallest and its largest number."""
        import polars as pl

        from dataguard.stats.missing_words import DATE_WORDS, spellings
        from dataguard.stats.spreadsheet import ERROR_WORDS

        parts: dict[str, Aggregate] = {}
        label = split.label is not None and split.label.name == column.name
        if column.is_string and not label:
            told = set(ERROR_WORDS)  # by spreadsheet-formula
            words = [*(w for w in DISGUISED_MISSING if w not in told), *self.words]
            if column.kind is Kind.DATE:
                words += DATE_WORDS
            text = pl.col(column.name)
            short = text.str.len_bytes().is_between(1, LONGEST)  # none: told by missing-values
            word = pl.when(short).then(text).str.strip_chars()
            known = word.is_in(["", *spellings(words)])
            parts["words"] = counts(pl.when(known).then(word))
        ids = {c.name for c in split.of_role("id")}
        measured = column.kind is Kind.NUMBER and column.name not in ids
        if measured and not (label and column.is_classes):
            parts["low"] = smallest(column.number)
            parts["high"] = largest(column.number)
        return parts

    def _found(
        self, split: Split, column: Column, answer: Mapping[str, Any], counted: Mapping[str, Any]
    ) -> _Found:
        """The words and numbers that stand for "missing" in a column."""
        from dataguard.stats.missing_words import words_for_missing
        from dataguard.stats.sentinels import is_sentinel, rest_of

        written = answer.get("words") or {}
        numbers = counted.get("numbers") or {}
        words: dict[str, int] = {}
        if written and column.kind is not Kind.EMPTY:
            words = words_for_missing(
                written,
                _others(split, column, list(written)),
                values=split.height - column.missing,
                measured=column.kind in (Kind.NUMBER, Kind.DATE),
                class_share=self.class_share,
            )
        if numbers:
            scale = split.height / len(split.preview)
            rest = rest_of(_sample(split, column), counted["low"], counted["high"], scale)
            numbers = {v: n for v, n in numbers.items() if is_sentinel(v, n, rest, self.spike)}
        return _Found(split, column, tuple(words.items()), tuple(numbers.items()))

    def _told(self, one: _Found, hits: Hits) -> Finding:
        from dataguard.stats.missing_words import MILD_WORDS, PANDAS_WORDS

        name = one.column.name
        values = one.split.height - one.column.missing
        listed = sorted(one.as_written.items(), key=lambda p: (-p[1], p[0]))
        shown = ", ".join(
            f"`{word}` ({n:,})" if word else f"blanks alone ({n:,})" for word, n in listed[:6]
        )
        mild = not one.numbers and all(word.lower() in MILD_WORDS for word, _ in one.words)
        measured = one.column.kind in (Kind.NUMBER, Kind.DATE)
        unread = [word for word, _ in listed if word not in PANDAS_WORDS]
        fix = (
            f"Read them as missing: `na_values={unread[:8]!r}`."
            if unread and one.split.table.format == "csv"
            else "Write null in their place."
            if one.split.table.typed
            else "Write them as empty cells: pandas drops these silently, other readers do not."
        )
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{'stands' if hits.count == 1 else 'stand'} for a missing value: {shown}"
            + (f" and {len(listed) - 6:,} more" if len(listed) > 6 else ""),
            split=one.split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            evidence={"counts": dict(listed)},
            severity=Severity.INFO if mild and not measured else None,
            confidence=0.8 if one.numbers or mild else 1.0,
            fix=fix,
        )

    def _markers(self, split: Split, found: list[tuple[_Found, Hits]]) -> Finding:
        """All columns whose one word is the marker that R or NumPy writes."""
        from dataguard.stats.flagged_rows import rows_with_columns

        columns = tuple(one.column.name for one, _ in found)
        rows = rows_with_columns({one.column.name: hits.rows for one, hits in found})
        total = sum(n for one, _ in found for n in one.as_written.values())
        words = sorted({word for one, _ in found for word in one.as_written})
        return self.finding(
            f"{total:,} cells of {quoted(columns)} hold the marker {quoted(words)} for a missing "
            "value",
            split=split,
            rows=rows["row"].to_list(),
            columns=columns,
            examples=[e for one, h in found[:5] for e in cells(h.cells, (one.column.name,), 1)],
            evidence={"counts": {one.column.name: dict(one.words) for one, _ in found}},
            severity=Severity.INFO,
            notes=[f"marker for a missing value in {names}" for names in rows["columns"]],
            fix="Fine for pandas and R; name the marker to other readers, or write empty cells.",
        )


class _Found(msgspec.Struct, frozen=True, eq=False):
    """What stands for "missing" in one column: (as written, count) and (number, count)."""

    split: Split
    column: Column
    words: tuple[tuple[str, int], ...]
    numbers: tuple[tuple[float, int], ...]

    @property
    def as_written(self) -> dict[str, int]:
        """Words and numbers by how a reader would name them."""
        return dict(self.words) | {f"{v:.10g}": n for v, n in self.numbers}

    @property
    def is_marker(self) -> bool:
        from dataguard.stats.missing_words import MARKERS

        return not self.numbers and frozenset(word for word, _ in self.words) in MARKERS


def _others(split: Split, column: Column, words: list[str]) -> dict[str, int]:
    """The other values of a column in the sample, and their counts."""
    values = split.preview[column.name].alias("value").drop_nulls().str.strip_chars()
    counted = values.filter(~values.is_in(words)).value_counts(name="count")
    return dict(counted.iter_rows())


def _sample(split: Split, column: Column) -> pl.Series:
    return split.shown(column).select(column.number.alias("n"))["n"].drop_nulls()


def _may_hold_sentinels(split: Split, column: Column, answer: Mapping[str, Any]) -> bool:
    from dataguard.stats.sentinels import may_hold_sentinels

    return may_hold_sentinels(answer["low"], answer["high"], _sample(split, column))


def _number_parts(column: Column) -> Mapping[str, Aggregate]:
    """The sentinels of a column with their counts, and the ends of its other numbers."""
    import polars as pl

    from dataguard.stats.sentinels import SENTINELS

    number = column.number
    known = number.is_in(SENTINELS)
    other = pl.when(~known).then(number)
    return {
        "numbers": counts(pl.when(known).then(number)),
        "low": smallest(other),
        "high": largest(other),
    }


def _where(one: _Found) -> pl.Expr:
    """The cells that hold one of the words or numbers found."""
    import polars as pl

    where = pl.lit(False)
    if one.words:
        words = [word for word, _ in one.words]
        text = pl.col(one.column.name)
        where = where | (text.str.strip_chars().is_in(words) & (text.str.len_bytes() > 0))
    if one.numbers:
        where = where | one.column.number.is_in([value for value, _ in one.numbers])
    return where
