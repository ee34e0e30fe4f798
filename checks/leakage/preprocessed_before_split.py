from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Split,
    count_of,
    largest,
    quoted,
    smallest,
    together,
    total,
    verb,
)

if TYPE_CHECKING:
    from dataguard.queries import Aggregate
    from dataguard.stats.fitted_scaling import Moments

CONTINUOUS = 0.2
"""Least share of distinct values of a column whose ends are values that only scaling makes."""


def _scaled(count: int, step: int) -> list[float]:
    """So many different numbers with mean 0 and deviation 1."""
    values = [float(i * step % count) for i in range(count)]
    mean = sum(values) / count
    deviation = (sum((v - mean) ** 2 for v in values) / count) ** 0.5
    return [round((v - mean) / deviation, 4) for v in values]


_A, _B = _scaled(101, 37), _scaled(101, 53)
_SIZES = [round(i * i / 7, 2) for i in range(90)]
_FILL = sum(_SIZES) / len(_SIZES)
_OWN_FILL = sum(_SIZES[:70]) / 70


class PreprocessedBeforeSplit(Check):
    """Numbers were scaled or filled in over the training and the test data together.

    ## Why is this bad?
    The scaler or imputer has seen the test data, so the score is measured on data that took part in
    the training. In use, one row comes at a time, and no test set tells its mean. The harm is
    mostly small, but the score is not one of unseen data.

    ## How it works
    Three traces are looked for. *Standardised*: over both files together, columns have mean 0 and
    standard deviation 1 to within `exact`, and over the training file alone they have not.
    *Squeezed*: three or more continuous columns run from 0 to 1 (or -1 to 1) over both files, and
    the training file alone does not reach the ends. *Filled*: one number stands far more often
    than any other, in both files, and it is the mean or median of all other values of both files,
    not of the training file's. What was fitted on the training file alone is never reported.
    Where the numbers were rounded to one or two digits, or rows left out afterwards, no trace is
    left.

    ## What to do
    Split first. Fit scalers and imputers on the training part alone and apply them to the others,
    best in a `Pipeline` (scikit-learn), which does so in cross-validation as well.
    """

    code = "LEK014"
    name = "preprocessed-before-split"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT,)
    least_rows = Option(
        50,
        "Rows of both splits together from which on traces are looked for: our own choice; with"
        " fewer, means agree by chance.",
        low=10,
    )
    bad = (
        Example(
            title="Standardised together",
            train={"a": _A[:80], "b": _B[:80]},
            test={"a": _A[80:], "b": _B[80:]},
            expect=(At("test", None, "a"), At("test", None, "b")),
        ),
        Example(
            title="Gaps filled with the mean of both files",
            train={"size": [*_SIZES[:70], *[_FILL] * 20]},
            test={"size": [*_SIZES[70:], *[_FILL] * 5]},
            expect=(At("test", None, "size"),),
        ),
    )
    good = (
        Example(
            title="Fitted on the training file",
            train={"a": _A, "b": _B},
            test={
                "a": [round(v / 2 + 0.3, 4) for v in _A[:30]],
                "b": [round(v * 1.1, 4) for v in _B[:30]],
            },
        ),
        Example(
            title="Filled with the training file's mean",
            train={"size": [*_SIZES[:70], *[_OWN_FILL] * 20]},
            test={"size": [*_SIZES[70:], *[_OWN_FILL] * 5]},
        ),
        Example(
            title="Not scaled",
            train={"a": [v * 9 + 40 for v in _A[:80]]},
            test={"a": [v * 9 + 40 for v in _A[80:]]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.holdouts:
            both = (data.train, split)
            if sum(s.height for s in both) < self.least_rows:
                continue
            columns = _numbers(data.train, split)
            moments = await _moments(both, [c.name for c in columns if _near_unit(both, c.name)])
            finding = self._scaled(split, *moments)
            if finding is not None:
                yield finding
            finding = self._squeezed(split, *moments)
            if finding is not None:
                yield finding
            filled = await _filled(both, columns)
            if filled:
                yield self._filled(split, filled)

    def _scaled(
        self, split: Split, train: Mapping[str, Moments], both: Mapping[str, Moments]
    ) -> Finding | None:
        from dataguard.stats.fitted_scaling import standardised

        names = standardised(train, both)
        if not names:
            return None
        furthest = max(names, key=lambda n: abs(train[n].mean))
        mean = train[furthest].mean
        return self.finding(
            f"{count_of(len(names), 'column')} of train and {split.name} together"
            f" {verb(len(names), 'has', 'have')} mean 0 and standard deviation 1, but not in train"
            f" alone (`{furthest}`: mean {mean:.3g}): {quoted(names)}",
            split=split,
            columns=tuple(names),
            confidence=0.95,
            evidence={"how": "standardised", "train mean": {n: train[n].mean for n in names[:50]}},
            fix="Split first; fit the scaler on the training part alone.",
        )

    def _squeezed(
        self, split: Split, train: Mapping[str, Moments], both: Mapping[str, Moments]
    ) -> Finding | None:
        from dataguard.stats.fitted_scaling import squeezed

        wide = [n for n in both if split[n].distinct_share >= CONTINUOUS]
        names, proof = squeezed(train, both, wide)
        if not proof:
            return None
        low = f"{both[proof[0]].low:g}"
        return self.finding(
            f"{count_of(len(names), 'column')} of train and {split.name} together run from {low} to"
            f" 1, but in train alone {len(proof)} {verb(len(proof), 'does', 'do')} not"
            f" (`{proof[0]}`: {train[proof[0]].low:.4g} to {train[proof[0]].high:.4g}):"
            f" {quoted(names)}",
            split=split,
            columns=tuple(names),
            confidence=0.85,
            evidence={"how": "squeezed", "proof": proof[:50]},
            fix="Split first; fit the scaler on the training part alone.",
        )

    def _filled(self, split: Split, filled: Mapping[str, tuple[float, str]]) -> Finding:
        names = tuple(filled)
        value, how = filled[names[0]]
        more = f", and so {quoted(names[1:])}" if len(names) > 1 else ""
        return self.finding(
            f"Gaps of `{names[0]}` seem filled with {value:.6g}, the {how} of train and"
            f" {split.name} together, not of train alone{more}",
            split=split,
            columns=names,
            confidence=0.9,
            evidence={"how": "filled", "with": {n: list(v) for n, v in filled.items()}},
            fix="Split first; fit the imputer on the training part alone.",
        )


def _numbers(train: Split, split: Split) -> list[Column]:
    """The numeric features that both splits have."""
    known = {c.name for c in split.features if c.kind is Kind.NUMBER}
    return [c for c in train.features if c.kind is Kind.NUMBER and c.name in known]


def _near_unit(both: Sequence[Split], name: str) -> bool:
    """Whether the sample allows a column to be scaled."""
    for split in both:
        number = split[name].number.alias("x")
        values = split.preview.select(number).to_series()
        low, high = values.quantile(0.1), values.quantile(0.9)
        if low is None or high is None or low < -4 or high > 4:
            return False
    return not both[0][name].whole


async def _moments(
    both: Sequence[Split], names: Sequence[str]
) -> tuple[dict[str, Moments], dict[str, Moments]]:
    """The moments of the columns in train, and over both splits."""
    from dataguard.stats.fitted_scaling import pooled

    if not names:
        return {}, {}
    asked = []
    for split in both:
        parts: dict[str, Aggregate] = {}
        for i, name in enumerate(names):
            number = split[name].number
            parts |= {
                f"{i}:n": total(number.is_not_null()),
                f"{i}:s": total(number),
                f"{i}:q": total(number * number),
                f"{i}:a": smallest(number),
                f"{i}:b": largest(number),
            }
        asked.append(split.aggregate(parts))
    answers = await together(asked)
    found = [{n: _of(answer, i) for i, n in enumerate(names)} for answer in answers]
    held = [n for n in names if all(f[n].count > 1 for f in found)]
    return (
        {n: found[0][n] for n in held},
        {n: pooled([f[n] for f in found]) for n in held},
    )


def _of(answer: Mapping[str, Any], i: int) -> Moments:
    from dataguard.stats.fitted_scaling import Moments

    low, high = answer[f"{i}:a"], answer[f"{i}:b"]
    return Moments(
        int(answer[f"{i}:n"]),
        float(answer[f"{i}:s"]),
        float(answer[f"{i}:q"]),
        float("inf") if low is None else float(low),
        float("-inf") if high is None else float(high),
    )


async def _filled(both: Sequence[Split], columns: Sequence[Column]) -> dict[str, tuple[float, str]]:
    """The columns filled over both splits: the value and "mean" or "median"."""
    import polars as pl

    from dataguard.stats.fitted_filling import Others, filled_with, spike

    spikes: dict[str, float] = {}
    spread: dict[str, float] = {}
    for column in columns:
        numbers = both[0].preview.select(column.number.alias("x")).to_series()
        value = spike(numbers)
        deviation = numbers.std()
        if value is not None and isinstance(deviation, float):
            spikes[column.name], spread[column.name] = value, deviation
    if not spikes:
        return {}
    asked = []
    for split in both:
        parts: dict[str, Aggregate] = {}
        for i, (name, value) in enumerate(spikes.items()):
            number = split[name].number
            other = pl.when((number - value).abs() > 1e-9 * abs(value)).then(number)
            parts |= {
                f"{i}:v": total(number.is_not_null() & other.is_null()),
                f"{i}:n": total(other.is_not_null()),
                f"{i}:s": total(other),
                f"{i}:u": total(other < value),
            }
        asked.append(split.aggregate(parts))
    answers = await together(asked)
    found: dict[str, tuple[float, str]] = {}
    for i, (name, value) in enumerate(spikes.items()):
        rest = [Others(int(a[f"{i}:n"]), float(a[f"{i}:s"]), int(a[f"{i}:u"])) for a in answers]
        if not all(a[f"{i}:v"] for a in answers):
            continue
        pool = Others(*(sum(getattr(r, k) for r in rest) for k in ("count", "total", "below")))
        how = filled_with(value, rest[0], pool, spread[name])
        if how:
            found[name] = (value, how)
    return found
