"""What kind of values each column of a table holds, from one pass over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataguard.dataset import SAMPLE_SIZE, Column, Kind
from dataguard.expressions import DISGUISED_MISSING, PLAIN_NUMBER, as_text, is_missing, word_count

if TYPE_CHECKING:
    import polars as pl

    from dataguard.sources.table import Table

MOSTLY = 0.9
"""Share of the values that must be of a kind for the column to be of it; the rest are faults."""

TEXT_WORDS = 3.0
"""Mean words a value from which on a column of mostly distinct values is text, not codes."""

LETTERED = 0.5
"""Share of a text's values that hold a letter; phone numbers and lists of numbers hold none."""

CATEGORY_REPEATS = 0.5
"""Distinct over all values up to which a column of short values holds categories."""

BATCH = 32
"""Columns judged by one Polars query; the time that a query takes to plan grows by the square."""

_DATE = (
    r"^(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})"
    r"|(?:[0-9]{1,2}(?:st|nd|rd|th)?[ -])?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"[ -](?:[0-9]{1,2}(?:st|nd|rd|th)?,?[ -])?[0-9]{2,4})(?:[t ,]\s*[0-9]{1,2}:[0-9]{2}.*)?$"
)


def profile(table: Table) -> tuple[tuple[Column, ...], pl.DataFrame]:
    """The columns of a table with their kinds, and the sample that they were judged by.

    Returns:
        The columns in file order, and at most `SAMPLE_SIZE` rows chosen by content hash with
        all columns and `ROW`. One pass: exact counts of missing cells, the rest from the sample.
    """
    import polars as pl

    from dataguard.engines.local import sample_frame

    schema = table.frame.collect_schema()
    if not schema.names():
        return (), pl.DataFrame()
    gaps = [is_missing(n, t).sum().alias(n) for n, t in schema.items()]
    plans = [table.frame.select(gaps), sample_frame(table.frame, schema.names(), SAMPLE_SIZE)]
    counted, sample = pl.collect_all(plans, engine="streaming")
    missing = counted.row(0)
    facts = _facts(sample, schema)
    columns = tuple(
        _column(name, dtype, missing[i], facts[name])
        for i, (name, dtype) in enumerate(schema.items())
    )
    return columns, sample


def _facts(sample: pl.DataFrame, schema: pl.Schema) -> dict[str, dict[str, float]]:
    """Per column: counts over the non-missing values of the sample, disguised ones left out."""
    facts: dict[str, dict[str, float]] = {}
    names = schema.names()
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        facts.update(_batch_facts(sample, [(name, schema[name]) for name in batch]))
    return facts


def _batch_facts(
    sample: pl.DataFrame, columns: list[tuple[str, pl.DataType]]
) -> dict[str, dict[str, float]]:
    import polars as pl

    texts = [as_text(name, dtype).str.strip_chars() for name, dtype in columns]
    values = sample.select(
        pl.when(~text.str.to_lowercase().is_in(DISGUISED_MISSING) & (text != ""))
        .then(text)
        .alias(str(i))
        for i, text in enumerate(texts)
    )
    parts: list[pl.Expr] = []
    for i in range(len(columns)):
        value = pl.col(str(i))
        number = value.str.contains(PLAIN_NUMBER)
        measures = {
            "values": value.count(),
            "distinct": value.drop_nulls().n_unique(),
            "number": number.sum(),
            "fractions": (number & value.str.contains(r"\.[0-9]*[1-9]|[eE]-")).sum(),
            "padded": value.str.contains(r"^[+-]?0[0-9]+$").sum(),
            "date": value.str.to_lowercase().str.contains(_DATE).sum(),
            "words": word_count(value).mean(),
            "letters": value.str.contains(r"\p{L}").sum(),
            "length": value.str.len_chars().mean(),
        }
        parts += [measure.alias(f"{i}:{name}") for name, measure in measures.items()]
    row = values.select(parts).row(0, named=True)
    return {
        name: {key.partition(":")[2]: v or 0 for key, v in row.items() if key.startswith(f"{i}:")}
        for i, (name, _) in enumerate(columns)
    }


def _column(name: str, dtype: pl.DataType, missing: int, facts: dict[str, float]) -> Column:
    values, distinct = int(facts["values"]), int(facts["distinct"])
    kind = Kind.EMPTY if values == 0 else _kind(dtype, values, distinct, facts)
    return Column(name, dtype, kind, missing, distinct, values, whole=facts["fractions"] == 0)


def _kind(dtype: pl.DataType, values: int, distinct: int, facts: dict[str, float]) -> Kind:
    if dtype.is_nested():
        return Kind.NESTED
    if dtype.is_temporal():
        return Kind.DATE
    if dtype.is_numeric():
        return Kind.NUMBER
    repeats = distinct <= max(2, CATEGORY_REPEATS * values)
    if facts["number"] >= MOSTLY * values:
        codes = facts["padded"] >= 0.02 * values
        return (Kind.CATEGORY if repeats else Kind.CODE) if codes else Kind.NUMBER
    if facts["date"] >= MOSTLY * values:
        return Kind.DATE
    worded = facts["words"] >= TEXT_WORDS and facts["letters"] >= LETTERED * values
    if worded and (distinct > 0.2 * values or facts["length"] > 40):
        return Kind.TEXT
    return Kind.CATEGORY if repeats else Kind.CODE
