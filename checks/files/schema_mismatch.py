"""FIL020: schema mismatch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from dataguard.api import (
    PLAIN_NUMBER,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    count_of,
    quoted,
    share,
)


class SchemaMismatch(Check):
    """The splits of one data set do not have the same columns, or not the same types.

    ## Why is this bad?
    A feature that the test set lacks is filled with missing values, or stops the evaluation. A
    column that holds numbers here and text there is encoded in two ways, and the score says
    nothing about the model.

    ## How it works
    Each hold-out is compared with the training data: columns missing, columns added, names that
    differ in case or blanks alone, and columns with nine values in ten a number (or a date) in one
    split and less than half in the other. A label that only the hold-out lacks is reported at
    info: it may be kept secret.

    ## What to do
    Write all splits with the same code, and read them with one schema.
    """

    code = "FIL020"
    name = "schema-mismatch"
    severity = Severity.WARNING
    mostly = Option(
        0.9,
        "Share of values that are numbers from which on a column holds numbers, as everywhere in "
        "dataguard.",
        low=0.5,
        high=1.0,
    )
    hardly = Option(
        0.5,
        "Share of numbers below which the same column holds something else in another split; far "
        "enough from the first that a few faulty cells do not matter.",
        low=0.0,
        high=0.9,
    )
    bad = (
        Example(
            train={"id": [1, 2, 3], "age": [31, 42, 53], "label": ["a", "b", "a"]},
            test={"id": [4, 5], "Age": [28, 39], "label": ["a", "b"]},
            expect=(At("test", column="age"),),
            title="a name in another case",
        ),
        Example(
            train={"size": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5], "label": ["a", "b"] * 3},
            test={
                "size": ["low", "high", "low", "mid", "high"],
                "label": ["a", "b", "a", "b", "a"],
            },
            expect=(At("test", column="size"),),
            title="numbers here, words there",
        ),
    )
    good = (
        Example(
            train={"size": [1, 2, 3, 4, 5], "label": ["a", "b", "a", "b", "a"]},
            test={"size": [1.5, 2.5, 3.5, 4.5, 5.5], "label": ["a", "b", "a", "b", "a"]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.holdouts:
            for finding in self._names(data, data.train, split):
                yield finding
            for finding in self._types(data.train, split):
                yield finding

    def _names(self, data: Dataset, train: Split, split: Split) -> Iterator[Finding]:
        missing = [n for n in train.names if n not in split]
        added = [n for n in split.names if n not in train]
        plain = {_plain(n): n for n in added}
        renamed = {n: plain[_plain(n)] for n in missing if _plain(n) in plain}
        if renamed:
            pairs = ", ".join(f"`{b}` for `{a}`" for a, b in list(renamed.items())[:5])
            yield self.finding(
                f"{count_of(len(renamed), 'column name')} of {split.name} "
                f"{'differs' if len(renamed) == 1 else 'differ'} from {train.name} in case or "
                f"blanks alone: {pairs}",
                split=split,
                columns=tuple(renamed),
                evidence={"renamed": renamed},
                fix="Use one spelling of each name in all splits.",
            )
        missing = [n for n in missing if n not in renamed]
        added = [n for n in added if n not in renamed.values()]
        label = data.roles["label"].columns if "label" in data.roles else ()
        harmless = [n for n in missing if n in label]
        lost = [n for n in missing if n not in label]
        if lost:
            yield self._lost(train, split, lost)
        if harmless or added:
            yield self._other(train, split, harmless, added)

    def _lost(self, train: Split, split: Split, lost: list[str]) -> Finding:
        return self.finding(
            f"{split.name} lacks {count_of(len(lost), 'column')} of {train.name}: {quoted(lost)}",
            split=split,
            columns=tuple(lost),
            evidence={"missing": lost},
            fix="Write all splits with the same columns, or drop these from the features.",
        )

    def _other(self, train: Split, split: Split, harmless: list[str], added: list[str]) -> Finding:
        said = [f"lacks the label {quoted(harmless)}"] if harmless else []
        if added:
            said.append(
                f"has {count_of(len(added), 'column')} that {train.name} lacks: {quoted(added)}"
            )
        return self.finding(
            f"{split.name} {' and '.join(said)}",
            split=split,
            columns=(*harmless, *added),
            evidence={"missing": harmless, "added": added},
            severity=Severity.INFO,
            fix="Write all splits with the same columns.",
        )

    def _types(self, train: Split, split: Split) -> Iterator[Finding]:
        for column in train.columns:
            if column.name not in split:
                continue
            mine, theirs = _types_of(train, column), _types_of(split, split[column.name])
            if not mine or not theirs:
                continue
            for kind in ("numbers", "dates"):
                low, high = sorted((mine[kind], theirs[kind]))
                if high >= self.mostly and low < self.hardly:
                    yield self.finding(
                        f"`{column.name}` holds {kind} in {train.name} "
                        f"({share(mine[kind], 1)} of its values) and in {split.name} "
                        f"{share(theirs[kind], 1)}",
                        split=split,
                        columns=(column.name,),
                        evidence={train.name: mine, split.name: theirs},
                        fix="Write the column in one type in all splits.",
                    )
                    break


def _plain(name: str) -> str:
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _types_of(split: Split, column: Column) -> dict[str, float]:
    """Shares of numbers and dates among the values of the sample; nothing for under five."""
    import polars as pl

    if column.sampled < 5 or column.kind in (Kind.EMPTY, Kind.NESTED):
        return {}
    if column.kind is Kind.DATE:
        return {"numbers": 0.0, "dates": 1.0}
    if not column.is_string:
        return {"numbers": float(column.dtype.is_numeric()), "dates": 0.0}
    texts = split.shown(column).lazy().select(column.text.str.strip_chars().alias("t")).drop_nulls()
    found = texts.select(pl.col("t").str.contains(PLAIN_NUMBER).mean()).collect().item()
    return {"numbers": float(found or 0.0), "dates": 0.0}
