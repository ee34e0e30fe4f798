"""What holds for every check: its page, its examples, and its manners on any input."""

from __future__ import annotations

import ast
import copy
import inspect
import random
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from msgspec.structs import replace

from dataguard.check import Check, Example, Option
from dataguard.examples import given_roles, splits_of
from dataguard.finding import Finding, Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.pages import FAMILIES
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame
from dataguard.sources.table import Table
from dataguard.testing import assert_found, assert_quiet, configured, run_example

CHECKS = list(load_checks().values())
UNORDERED = [check for check in CHECKS if not check.ordered]
HEADINGS = ["## Why is this bad?", "## How it works", "## What to do"]
EXAMPLES = [
    pytest.param(check, example, id=f"{check.code}-{kind}-{i}")
    for check in CHECKS
    if check.code != "GXE001" or find_spec("great_expectations")
    for kind, examples in (("bad", check.bad), ("good", check.good))
    for i, example in enumerate(examples)
]


def _of_frames(check: type[Check]) -> list[Example]:
    return [
        example
        for example in (*check.bad, *check.good)
        if not any(isinstance(c, bytes) for c in splits_of(example).values())
    ]


def _lint(
    check: type[Check], tables: Mapping[str, Table], example: Example | None = None
) -> Report:
    if example is None:
        return lint_tables("data", tables, GivenRoles(), Settings((check(),)))
    return lint_tables(
        "data", tables, given_roles(example), Settings((configured(check, example),))
    )


LATER_COPY = ("DUP002", "DUP003")
"""Rules that report the later one of two unlike rows: its content depends on the order of rows."""


def _told(finding: Finding) -> tuple[Any, ...]:
    """What a finding says, up to row numbers and the examples shown."""
    return (
        finding.code,
        str(finding.severity),
        finding.message,
        finding.split,
        finding.columns,
        finding.row_count,
        finding.confidence,
        "" if finding.code in LATER_COPY else finding.fingerprint,
    )


def _survived(report: Report) -> None:
    crashed = [f"{o.code}: {o.reason}" for o in report.outcomes if o.status is Status.CRASHED]
    assert crashed == []


@pytest.fixture(params=CHECKS, ids=lambda check: check.code)
def check(request: pytest.FixtureRequest) -> type[Check]:
    found: type[Check] = request.param
    if found.code == "GXE001" and find_spec("great_expectations") is None:
        pytest.skip("needs great-expectations: pip install '.[test]'")
    return found


def test_there_is_a_check_for_every_fault_of_the_catalogue() -> None:
    families = {code: sum(c.code.startswith(code) for c in CHECKS) for code in FAMILIES}
    assert families == {"FIL": 20, "DUP": 7, "LAB": 11, "FMT": 25, "LEK": 16, "SPL": 8, "GXE": 1}


def test_codes_and_names_are_unique() -> None:
    assert len({c.code for c in CHECKS}) == len({c.name for c in CHECKS}) == len(CHECKS)


def test_code_name_file_and_folder_agree(check: type[Check]) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", check.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.name)
    path = Path(inspect.getfile(check))
    module = inspect.getdoc(inspect.getmodule(check))
    assert module is None or module.startswith(check.code)
    assert path.stem == check.name.replace("-", "_")
    assert path.parent.name == FAMILIES[check.code[:3]]


def test_the_page_has_its_headings_in_order(check: type[Check]) -> None:
    page = inspect.cleandoc(check.__doc__ or "")
    first = page.splitlines()[0]
    assert first.endswith(".")
    assert not first.startswith("#")
    assert re.findall(r"^## .*$", page, flags=re.MULTILINE) == HEADINGS
    for part in re.split(r"^## .*$", page, flags=re.MULTILINE):
        assert part.strip()


def test_options_are_documented_and_their_defaults_are_allowed(check: type[Check]) -> None:
    for name, option in check.options().items():
        assert isinstance(option, Option)
        assert len(option.doc) > 20, f"{name} says neither what it does nor where it comes from"
        assert option.doc.rstrip().endswith((".", ")"))
        if isinstance(option.default, (int, float)) and not isinstance(option.default, bool):
            assert option.low is not None, f"{name} has no lower bound"
        written = list(option.default) if isinstance(option.default, tuple) else option.default
        configured = check.configure({name: written})
        assert getattr(configured, name) == option.default


def test_severity_can_be_set(check: type[Check]) -> None:
    for wanted in Severity:
        report = run_example(check.configure({"severity": str(wanted)}), check.bad[0])
        guessed = any(report.roles[role].inferred for role in check.uses if role in report.roles)
        most = Severity.WARNING if guessed else Severity.ERROR
        assert {finding.severity for finding in report.findings} == {min(wanted, most)}


def test_it_has_bad_and_good_examples(check: type[Check]) -> None:
    assert check.bad
    assert check.good
    assert all(example.expect for example in check.bad)
    assert not any(example.expect for example in check.good)


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_bad_examples_are_found_where_expected_and_good_ones_are_quiet(
    check: type[Check], example: Example
) -> None:
    if example.expect:
        assert_found(check, example)
    else:
        assert_quiet(check, example)


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_twice_gives_the_same(check: type[Check], example: Example) -> None:
    first, second = run_example(check, example), run_example(check, example)
    outcomes = [[replace(o, seconds=0.0) for o in r.outcomes] for r in (first, second)]
    findings = [[replace(f, path=None) for f in r.findings] for r in (first, second)]
    assert outcomes[0] == outcomes[1]
    assert findings[0] == findings[1]


def test_findings_are_well_formed_and_say_what_to_do(check: type[Check]) -> None:
    for example in check.bad:
        for finding in run_example(check, example).findings:
            rows = list(finding.rows)
            assert rows == sorted(set(rows))
            assert finding.row_count == len(rows)
            assert finding.message
            assert finding.message[-1] != "."
            assert "\n" not in finding.message
            assert finding.fix.endswith(".")
            assert 0 < finding.confidence <= 1
            for parallel in (finding.scores, finding.groups, finding.notes):
                assert len(parallel) in (0, len(rows))
            shown = finding.evidence.get("examples", ())
            assert all({"row", "column", "value"} <= set(place) for place in shown)
            assert not shown or any(place["row"] in rows for place in shown)


@pytest.mark.parametrize("check", UNORDERED, ids=lambda check: check.code)
def test_shuffled_rows_give_the_same_findings_but_for_row_numbers(check: type[Check]) -> None:
    for example in _of_frames(check):
        before = run_example(check, example)
        for seed in (1, 2):
            shuffled = _shuffled(example, seed)
            after = run_example(check, shuffled)
            assert sorted(map(_told, after.findings)) == sorted(map(_told, before.findings))


def _shuffled(example: Example, seed: int) -> Example:
    """The example with the rows of every split in another order."""
    changed = {}
    for name, content in splits_of(example).items():
        columns = {key: list(values) for key, values in content.items()}
        order = list(range(max(map(len, columns.values()), default=0)))
        random.Random(seed).shuffle(order)
        changed[name] = {key: [values[i] for i in order] for key, values in columns.items()}
    return replace(example, **changed)


def test_parquet_files_give_the_same_findings_as_frames(check: type[Check], tmp_path: Path) -> None:
    for i, example in enumerate(_of_frames(check)):
        tables, files = {}, {}
        for name, content in splits_of(example).items():
            tables[name] = read_frame(dict(content), name=f"<{name}>")
            path = tmp_path / f"{i}-{name}.parquet"
            tables[name].frame.collect().write_parquet(path)
            files[name] = open_table(str(path))
        frames = _lint(check, tables, example)
        again = _lint(check, files, example)
        assert sorted(map(_told, again.findings)) == sorted(map(_told, frames.findings))
        assert [list(f.rows) for f in again.findings] == [list(f.rows) for f in frames.findings]


def test_csv_files_give_the_same_rows_as_frames(check: type[Check], tmp_path: Path) -> None:
    for i, example in enumerate(e for e in check.bad if e in _of_frames(check)):
        frames = {n: read_frame(dict(c), name=n) for n, c in splits_of(example).items()}
        if not all(_same_in_csv(table) for table in frames.values()):
            continue
        files = {}
        for name, table in frames.items():
            path = tmp_path / f"{i}-{name}.csv"
            table.frame.collect().write_csv(path, quote_style="non_numeric")
            files[name] = open_table(str(path))
        places = [
            sorted((f.split or "", f.columns, list(f.rows)) for f in report.findings)
            for report in (_lint(check, files, example), _lint(check, frames, example))
        ]
        assert places[0] == places[1]


def _same_in_csv(table: Table) -> bool:
    """Whether a CSV file can say the same: strings of numbers lose their quotes in it."""
    frame = table.frame.collect()
    strings = [c for c in frame.get_columns() if c.dtype == pl.String]
    numbers = [c for c in strings if c.cast(pl.Float64, strict=False).null_count() < len(c)]
    flat = not any(c.dtype.is_nested() or c.dtype.is_float() for c in frame.get_columns())
    return flat and not numbers and frame.width > 1 and "" not in _flattened(strings)


def _flattened(columns: list[pl.Series]) -> set[Any]:
    return {value for column in columns for value in column}


def test_the_input_is_not_changed(check: type[Check], tmp_path: Path) -> None:
    for i, example in enumerate((*check.bad, *check.good)):
        held = copy.deepcopy(splits_of(example))
        files = {}
        for name, content in splits_of(example).items():
            if isinstance(content, bytes):
                files[name] = tmp_path / f"{i}-{name}.csv"
                files[name].write_bytes(content)
        run_example(check, example)
        if files and len(files) == len(held):
            _lint(check, {n: open_table(str(p)) for n, p in files.items()}, example)
        assert splits_of(example) == held
        assert {n: p.read_bytes() for n, p in files.items()} == {n: held[n] for n in files}


def test_nothing_is_printed(check: type[Check], capfd: pytest.CaptureFixture[str]) -> None:
    for example in (*check.bad, *check.good):
        run_example(check, example)
    assert capfd.readouterr() == ("", "")


ODD_TABLES: dict[str, dict[str, Any]] = {
    "no column": {},
    "no row": {"text": pl.Series([], dtype=pl.String), "label": pl.Series([], dtype=pl.Int64)},
    "one row": {"text": ["a b c d e"], "n": [1.5], "day": ["2021-03-04"], "label": ["x"]},
    "one cell": {"label": ["x"]},
    "all null": {"text": [None, None, None], "label": [None, None, None], "id": [None] * 3},
    "typed nulls": {
        "text": pl.Series([None, None], dtype=pl.String),
        "n": pl.Series([None, float("nan")], dtype=pl.Float64),
        "label": pl.Series([None, None], dtype=pl.Int64),
    },
}
WEIRD: dict[str, Any] = {
    "id": [1, 2, 3, 4],
    "nested": [[1, 2], [], None, [3]],
    "object": [{"a": 1}, {"a": None}, None, {"a": 2}],
    "day": [date(2021, 3, 4), None, date(1, 1, 1), date(9999, 12, 31)],
    "flag": [True, False, None, True],
    "bytes": [b"\x00\xff", b"", None, b"abc"],
    "category": pl.Series(["a", "b", None, "a"], dtype=pl.Categorical),
    "exact": [Decimal("1.50"), None, Decimal("-3.25"), Decimal("0.00")],
    "span": pl.Series([1, 2, None, 4], dtype=pl.Duration("ms")),
    "clock": pl.Series([1, 2, None, 4], dtype=pl.Time),
    "huge": pl.Series([2**63, 1, None, 0], dtype=pl.UInt64),
    "number": [float("inf"), float("-inf"), float("nan"), 0.0],
    "nothing": pl.Series([None] * 4, dtype=pl.Null),
    "blank": ["", " ", "\t", None],
    "^odd$": ["x", "x", "y", None],
    "": ["\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\x1b[31m", ""],
}


@pytest.mark.parametrize("columns", ODD_TABLES.values(), ids=ODD_TABLES.keys())
def test_tables_with_nothing_in_them_are_survived_without_a_word(
    check: type[Check], columns: dict[str, Any]
) -> None:
    report = _lint(check, {"train": read_frame(pl.DataFrame(columns), name="x")})
    _survived(report)
    if not check.code.startswith(("FIL", "SPL")) and check.code not in ("LAB001", "FMT007"):
        assert [f.message for f in report.findings] == []


def test_columns_of_any_type_are_survived_in_any_role(check: type[Check]) -> None:
    table = read_frame(pl.DataFrame(WEIRD), name="x")
    _survived(_lint(check, {"train": table}))
    for name in WEIRD.keys() - {"^odd$", ""}:
        example = Example(train={}, label=name, id="id" if name != "id" else None)
        _survived(_lint(check, {"train": table, "test": table}, example))
        example = Example(train={}, text=(name,), group=name if name != "id" else None)
        _survived(_lint(check, {"train": table, "test": table}, example))


def test_splits_with_different_columns_are_survived(check: type[Check]) -> None:
    train = {
        "id": list(range(40)),
        "text": [f"some words about topic {i} and more" for i in range(40)],
        "size": [i / 7 for i in range(40)],
        "group": [f"g{i % 6}" for i in range(40)],
        "label": ["a", "b"] * 20,
    }
    others: list[dict[str, Any]] = [
        {"something": ["x", "y"]},
        {"text": ["another text of some words"], "size": ["12.5"]},
        {"label": ["a", "c"], "group": [1, 2], "size": [None, None]},
        {"text": [3, 4], "label": [1, 2], "size": [date(2021, 3, 4), None]},
        {"id": pl.Series([], dtype=pl.String), "label": pl.Series([], dtype=pl.String)},
    ]
    first = read_frame(train, name="train")
    given = Example(train={}, label="label", id="id", group="group")
    for other in others:
        second = read_frame(pl.DataFrame(other), name="test")
        _survived(_lint(check, {"train": first, "test": second}, given))
        _survived(_lint(check, {"train": second, "test": first}))


def test_an_unreadable_split_beside_a_readable_one_is_survived(
    check: type[Check], tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_bytes(b"")
    first = read_frame({"text": ["a b", "c d"], "label": [0, 1]}, name="train")
    _survived(_lint(check, {"train": first, "test": open_table(str(path))}))
    _survived(_lint(check, {"train": open_table(str(path)), "test": first}))


def test_it_imports_only_the_api_when_it_is_loaded(check: type[Check]) -> None:
    tree = ast.parse(Path(inspect.getfile(check)).read_text(encoding="utf-8"))
    allowed = {"dataguard.api", "__future__"}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            standard = node.module is not None and node.module.split(".")[0] in STANDARD
            assert node.module in allowed or standard
        elif isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] in STANDARD for alias in node.names)


STANDARD = ("collections", "enum", "functools", "itertools", "math", "msgspec", "re", "typing")
"""What is loaded anyway, or costs nothing."""


def test_it_neither_swallows_errors_nor_prints(check: type[Check]) -> None:
    tree = ast.parse(Path(inspect.getfile(check)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in ("", "Exception", "BaseException")
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("print", "open", "exec", "eval")
