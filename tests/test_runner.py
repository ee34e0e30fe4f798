"""The runner: shared passes, crashes that stay alone, skips with a reason, shared derivations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest

from dataguard.api import (
    ROW,
    Check,
    Dataset,
    Derived,
    Finding,
    Need,
    Severity,
    Skip,
    counts,
    largest,
    together,
    total,
)
from dataguard.engines.local import LocalEngine
from dataguard.finding import Status
from dataguard.linter import Settings, lint_tables
from dataguard.queries import Query
from dataguard.roles import GivenRoles
from dataguard.runner import Runner
from dataguard.sources.frame import read_frame


def dataset(**splits: dict[str, list[Any]]) -> Dataset:
    """The dataset that the linter makes of these splits, caught from inside a run."""
    caught: list[Dataset] = []

    class Catch(_Quiet):
        code = "TST000"
        name = "catch-data"

        async def run(self, data: Dataset) -> AsyncIterator[Finding]:
            caught.append(data)
            for finding in ():
                yield finding

    tables = {name: read_frame(columns) for name, columns in splits.items()}
    lint_tables("d", tables, GivenRoles(), Settings((Catch(),)))
    return caught[0]


class _Quiet(Check):
    """A check for the tests."""

    severity = Severity.INFO
    bad = ()
    good = ()


@dataclass
class Counting:
    """The local engine, counting its passes."""

    passes: list[int] = field(default_factory=list)

    def answer(self, queries: Sequence[Query[Any]]) -> list[Any]:
        self.passes.append(len(queries))
        return LocalEngine().answer(queries)


class Sums(_Quiet):
    code = "TST001"
    name = "sums"

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        first = await data.train.aggregate(
            {"sum": total(pl.col("n")), "most": largest(pl.col("n"))}
        )
        hits = await data.train.rows(pl.col("n") == first["most"], ("n",))
        yield self.finding(f"{first['sum']} {first['most']}", split=data.train, rows=hits.rows)


class Counts(_Quiet):
    code = "TST002"
    name = "counts"

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        pair = [data.train.aggregate({"c": counts(pl.col("s"))}), data.train.aggregate({})]
        first, _ = await together(pair)
        groups = await data.train.collisions([pl.col("s")])
        yield self.finding(f"{sorted(first['c'].items(), key=str)}", evidence={"groups": groups})


class Crashes(_Quiet):
    code = "TST003"
    name = "crashes"

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        await data.train.aggregate({"no": total(pl.col("no such column"))})
        yield self.finding("never")


class Skips(_Quiet):
    code = "TST004"
    name = "skips"

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        if data.train.height < 1000:
            raise Skip("under 1,000 rows")
        yield self.finding("never")


class NeedsLabel(Skips):
    code = "TST005"
    name = "needs-label"
    needs = (Need.LABEL,)


def small() -> Dataset:
    return dataset(train={"n": [1, 5, 3, 5], "s": ["a", "b", "a", None]})


def test_checks_share_their_passes() -> None:
    engine = Counting()
    findings, outcomes = Runner(engine, small()).run([Sums(), Counts()])
    assert engine.passes == [3, 2]
    assert [f.message for f in findings] == ["14 5", "[('a', 2), ('b', 1)]"]
    assert list(findings[0].rows) == [1, 3]
    assert [o.status for o in outcomes] == [Status.RAN, Status.RAN]


def test_a_crash_is_an_outcome_and_the_others_go_on() -> None:
    findings, outcomes = Runner(LocalEngine(), small()).run([Crashes(), Sums()])
    assert [f.code for f in findings] == ["TST001"]
    assert [o.status for o in outcomes] == [Status.CRASHED, Status.RAN]
    assert "no such column" in outcomes[0].reason


def test_a_skip_says_why() -> None:
    _, outcomes = Runner(LocalEngine(), small()).run([Skips(), NeedsLabel()])
    assert [(o.status, o.reason) for o in outcomes] == [
        (Status.SKIPPED, "under 1,000 rows"),
        (Status.SKIPPED, "no label column; name it with --label"),
    ]


def test_what_is_derived_is_derived_once_for_all() -> None:
    calls: list[int] = []

    async def expensive(data: Dataset) -> int:
        calls.append(1)
        answer = await data.train.aggregate({"n": total(pl.col("n"))})
        return int(answer["n"])

    class First(_Quiet):
        code = "TST006"
        name = "first"

        async def run(self, data: Dataset) -> AsyncIterator[Finding]:
            yield self.finding(str(await Derived(expensive)))

    class Second(First):
        code = "TST007"
        name = "second"

    findings, _ = Runner(LocalEngine(), small()).run([First(), Second()])
    assert [f.message for f in findings] == ["14", "14"]
    assert calls == [1]


def test_a_skip_in_what_is_shared_skips_those_that_await_it() -> None:
    async def hopeless(data: Dataset) -> int:
        raise Skip("too few rows")

    class Waits(_Quiet):
        code = "TST008"
        name = "waits"

        async def run(self, data: Dataset) -> AsyncIterator[Finding]:
            yield self.finding(str(await Derived(hopeless)))

    _, outcomes = Runner(LocalEngine(), small()).run([Waits()])
    assert [(o.status, o.reason) for o in outcomes] == [(Status.SKIPPED, "too few rows")]


def _asks(code_: str, query: Query[Any]) -> Check:
    class Asks(_Quiet):
        code = code_
        name = f"asks-{code_.lower()}"

        async def run(self, data: Dataset) -> AsyncIterator[Finding]:
            yield self.finding(str(await query))

    return Asks()


async def _sum(data: Dataset) -> int:
    return int((await data.train.aggregate({"n": total(pl.col("n"))}))["n"])


async def _twice(data: Dataset) -> int:
    return 2 * await Derived(_sum)


async def _at_once(data: Dataset) -> str:
    return "at once"


async def _fails(data: Dataset) -> int:
    raise Skip("it fails")


async def _circular(data: Dataset) -> int:
    return await Derived(_circular)


def test_what_is_derived_may_rest_on_what_is_derived() -> None:
    engine = Counting()
    checks = [_asks("TST101", Derived(_twice)), _asks("TST102", Derived(_sum))]
    findings, _ = Runner(engine, small()).run(checks)
    assert [f.message for f in findings] == ["28", "14"]
    assert engine.passes == [1]


def test_derivations_and_queries_may_be_awaited_together() -> None:
    data = small()
    plain = data.train.aggregate({"n": largest(pl.col("n"))})
    several: list[Query[Any]] = [Derived(_twice), Derived(_at_once), plain]
    nested = together([together(several), together([])])
    engine = Counting()
    findings, _ = Runner(engine, data).run([_asks("TST103", nested)])
    assert [f.message for f in findings] == ["((28, 'at once', {'n': 5}), ())"]
    assert engine.passes == [2]


def test_one_failure_among_what_is_awaited_together_is_the_checks_own() -> None:
    both: list[Query[Any]] = [Derived(_at_once), Derived(_fails)]
    findings, outcomes = Runner(LocalEngine(), small()).run(
        [_asks("TST104", together(both)), Sums()]
    )
    assert [(o.status, o.reason) for o in outcomes] == [
        (Status.SKIPPED, "it fails"),
        (Status.RAN, ""),
    ]
    assert [f.code for f in findings] == ["TST001"]


def test_what_awaits_itself_crashes_alone() -> None:
    checks = [_asks("TST105", Derived(_circular)), Sums()]
    _, outcomes = Runner(LocalEngine(), small()).run(checks)
    assert [o.status for o in outcomes] == [Status.CRASHED, Status.RAN]
    assert "awaits itself" in outcomes[0].reason


def test_a_sample_is_the_same_rows_in_any_order() -> None:
    numbers = list(range(500))
    shuffled = numbers[::2] + numbers[1::2]
    samples = []
    for values in (numbers, shuffled):
        data = dataset(train={"n": values})
        (sample,) = LocalEngine().answer([data.train.sample(20)])
        samples.append(sample)
        assert [values[row] for row in sample[ROW]] == sample["n"].to_list()
    assert samples[0]["n"].to_list() == samples[1]["n"].to_list()


def test_collisions_across_splits_leave_out_groups_inside_one() -> None:
    data = dataset(
        train={"s": ["a", "b", "b", "c"]},
        test={"s": ["c", "d", "d", "a"]},
    )
    query = data.collisions(lambda split: [split["s"].text])
    (groups,) = LocalEngine().answer([query])
    assert groups.rows() == [
        ("train", 0, 0),
        ("test", 3, 0),
        ("train", 3, 1),
        ("test", 0, 1),
    ]


def test_missing_cells_never_collide_alone() -> None:
    data = dataset(train={"s": [None, None, "a", "a"]})
    (groups,) = LocalEngine().answer([data.train.collisions([data.train["s"].text])])
    assert groups["row"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("left", "right"),
    [("1.50", 1.5), ("  A  b ", "a B"), ("2.0", 2), ("-3.10", "-3.1"), ("x\t y", "X Y")],
)
def test_the_same_value_written_in_two_ways_has_one_canonical_form(left: Any, right: Any) -> None:
    data = dataset(train={"s": [left]}, test={"s": [right]})
    answers = LocalEngine().answer([s.map([s["s"].canonical]) for s in data.splits])
    assert answers[0].item() == answers[1].item()


def test_codes_with_leading_zeros_are_not_the_same_as_numbers() -> None:
    data = dataset(train={"s": ["01"]}, test={"s": ["1"]})
    answers = LocalEngine().answer([s.map([s["s"].canonical]) for s in data.splits])
    assert answers[0].item() != answers[1].item()
