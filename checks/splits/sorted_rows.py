from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
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
)

_DAYS = [f"2024-{m:02}-{d:02}" for m in range(1, 7) for d in range(1, 21)]
_MIXED = [round((i * i * 37 + 11 * i) % 211 / 7, 2) for i in range(120)]


class SortedRows(Check):
    """The rows are sorted by the label or by time.

    ## Why is this bad?
    A loader that does not shuffle makes batches of one class, and the model forgets one class while
    it sees the next. A split that takes the last rows puts a class, or the highest targets, into
    one part alone. Rows sorted by time are natural: there the trap is the other way round, for
    shuffling before the split mixes the future into the training data.

    ## How it works
    In a sample of each split's rows, in the order of the file and one a group, each class stands
    together (at most one and a half runs a class, a fifth of what random order has), or a numeric
    label, or the column of time, goes in one direction at 199 of 200 steps. Files of fewer than
    `least_rows` rows are left alone. Labels in blocks that come again are LEK005's.

    ## What to do
    Shuffle the training rows in each epoch (`DataLoader(shuffle=True)`,
    `train_test_split(shuffle=True)`), or once: `df.sample(frac=1, random_state=0)`. Rows in the
    order of time: split by time first, then shuffle the training part.
    """

    code = "SPL006"
    name = "sorted-rows"
    severity = Severity.INFO
    ordered = True  # its findings are about the order of the rows
    uses = ("label", "time")
    least_rows = Option(
        50, "Rows below which order is not judged; a random order of fewer may look sorted.", low=10
    )
    bad = (
        Example(
            title="By class",
            train={"size": _MIXED, "label": ["ham"] * 80 + ["spam"] * 40},
            label="label",
            expect=(At("train", None, "label"),),
        ),
        Example(
            title="By time",
            train={"day": _DAYS, "size": _MIXED, "label": ["ham", "spam", "ham"] * 40},
            label="label",
            time="day",
            expect=(At("train", None, "day"),),
        ),
    )
    good = (
        Example(train={"size": _MIXED, "label": ["ham", "spam", "spam"] * 40}, label="label"),
        Example(
            train={"day": [_DAYS[i * 7 % 120] for i in range(120)], "size": _MIXED}, time="day"
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.sorted_rows import direction, in_file_order, sorted_by_class

        for split in data.splits:
            if split.height < self.least_rows or not len(split.columns):
                continue
            label = split.label
            if label is not None and label.is_classes:
                runs = sorted_by_class(in_file_order(split, label.canonical))
                if runs is not None:
                    yield self._by_class(split, label, *runs)
                    continue
            elif label is not None and label.kind is Kind.NUMBER:
                way = direction(in_file_order(split, label.number))
                if way:
                    yield self._by_number(split, label, way)
                    continue
            way, name = _by_time(split)
            if way:
                yield self._by_moment(split, name, way)

    def _by_class(self, split: Split, label: Column, runs: int, classes: int) -> Finding:
        return self.finding(
            f"The rows of {split.name} are sorted by the label `{label.name}`: {classes:,} classes"
            f" in {runs:,} runs; unshuffled batches hold one class",
            split=split,
            columns=(label.name,),
            evidence={"by": "class", "runs": runs, "classes": classes},
            fix="Shuffle the rows before they are split or batched.",
        )

    def _by_number(self, split: Split, label: Column, way: str) -> Finding:
        return self.finding(
            f"The rows of {split.name} are sorted by the label `{label.name}` ({way}); an"
            " unshuffled split or batch holds one end of it",
            split=split,
            columns=(label.name,),
            evidence={"by": "label", "direction": way},
            fix="Shuffle the rows before they are split or batched.",
        )

    def _by_moment(self, split: Split, name: str, way: str) -> Finding:
        return self.finding(
            f"The rows of {split.name} are sorted by time (`{name}`, {way}): split them by time,"
            " and shuffle the training part alone",
            split=split,
            columns=(name,),
            evidence={"by": "time", "direction": way},
            fix=f"Split by `{name}` first; then shuffle the training rows in each epoch.",
        )


def _by_time(split: Split) -> tuple[str, str]:
    """In which direction the time goes, and the column; empty where it goes in none."""
    from dataguard.stats.clock import moments, time_column
    from dataguard.stats.sorted_rows import direction, in_file_order, may_be_sorted

    column = time_column(split)
    if column is None or column.name not in split:
        return "", ""
    form = moments(split, column)
    if form is None or not may_be_sorted(split, form):
        return "", ""
    return direction(in_file_order(split, form)), column.name
