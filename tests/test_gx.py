"""Suites of Great Expectations: learnt from data, loaded by it, run over other data."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pytest
from conftest import Run

import dataguard
from dataguard.errors import ConfigError, UsageError
from dataguard.expectations.learn import suite_text
from dataguard.expectations.margins import bounds, mostly
from dataguard.expectations.shapes import date_format, regex_of
from dataguard.finding import Report, Status
from dataguard.linter import dataset_of
from dataguard.roles import GivenRoles
from dataguard.sources import open_table

if TYPE_CHECKING:
    import pandas as pd

needs_gx = pytest.mark.skipif(
    find_spec("great_expectations") is None, reason="needs great-expectations: pip install '.[gx]'"
)


def learnt(path: Path) -> str:
    return suite_text(dataset_of("d", {"train": open_table(str(path))}, GivenRoles()).train, "s")


def asked(data: Any, suite: Path) -> Report:
    """The report of a suite, which did run."""
    report = dataguard.lint(data, select=["GXE"], expectations=suite)
    assert [(o.status, o.reason) for o in report.outcomes] == [(Status.RAN, "")]
    return report


def rule(type_: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": type_, "kwargs": kwargs}


def written(folder: Path, *rules: dict[str, Any]) -> Path:
    path = folder / "own.json"
    path.write_text(json.dumps({"name": "own", "expectations": rules}), encoding="utf-8")
    return path


def toy(name: str) -> pd.DataFrame:
    from sklearn import datasets

    frame: pd.DataFrame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return frame


def mixed(seed: int, rows: int) -> pd.DataFrame:
    """A table with columns of every kind that is learnt."""
    import pandas as pd

    draw = np.random.default_rng(seed)
    words = ["red", "fox", "jumps", "over", "lazy", "dog", "and", "then", "sleeps"]
    columns: dict[str, Any] = {
        "id": [f"U{100000 + i}" for i in draw.permutation(rows)],
        "uuid": [str(UUID(bytes=draw.bytes(16))) for _ in range(rows)],
        "age": draw.integers(18, 90, rows),
        "income": draw.lognormal(10, 0.8, rows).round(2),
        "score": draw.random(rows).round(4),
        "temperature": draw.normal(3, 5, rows).round(1),
        "visits": draw.poisson(2, rows),
        "flag": draw.random(rows) < 0.3,
        "city": draw.choice(["Oslo", "Lyon", "Bern", "Rome"], rows, p=[0.4, 0.3, 0.2, 0.1]),
        "day": [
            f"{2020 + y}-{m:02d}-{d:02d}"
            for y, m, d in draw.integers([0, 1, 1], [4, 13, 29], (rows, 3))
        ],
        "mail": [
            f"{draw.choice(words)}{i}@x{draw.integers(9)}.org" for i in draw.permutation(rows)
        ],
        "text": [" ".join(draw.choice(words, draw.integers(4, 40))) for _ in range(rows)],
        "opened": pd.Timestamp("2022-01-01")
        + pd.to_timedelta(draw.integers(0, 3 * 10**7, rows), "s"),
        "weight": draw.standard_t(3, rows).round(3),
    }
    frame = pd.DataFrame(columns)
    frame["note"] = frame["temperature"].where(draw.random(rows) > 0.15)
    frame["tag"] = draw.choice(
        ["a", "b", *(f"z{i}" for i in range(60))], rows, p=[0.45] * 2 + [0.1 / 60] * 60
    )
    return frame


def support() -> pd.DataFrame:
    """The rows of the example that no check of formats or labels' spellings finds fault with."""
    import pandas as pd

    folder = Path(__file__).parent.parent / "examples" / "support"
    parts = []
    for name in ("train.csv", "test.csv"):
        report = dataguard.lint(folder / name, label="topic", select=["FMT", "LAB001", "LAB004"])
        frame = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        parts.append(frame.drop(index=report.rows()["row"].unique()))
    return pd.concat(parts)


TABLES: dict[str, Callable[[int], Any]] = {
    "support": lambda seed: support(),
    **{
        n: lambda seed, n=n: toy(n) for n in ("iris", "wine", "breast_cancer", "diabetes", "digits")
    },
    "mixed-100": lambda seed: mixed(seed, 100),
    "mixed-1200": lambda seed: mixed(seed, 1200),
}


def halves(frame: Any, seed: int, folder: Path) -> tuple[Path, Path]:
    order = np.random.default_rng(seed).permutation(len(frame))
    paths = folder / "first.csv", folder / "second.csv"
    for path, rows in zip(paths, np.array_split(order, 2), strict=True):
        frame.iloc[rows].to_csv(path, index=False)
    return paths


@needs_gx
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", TABLES)
def test_what_is_learnt_of_one_half_holds_for_the_other(
    name: str, seed: int, tmp_path: Path
) -> None:
    first, second = halves(TABLES[name](seed), seed, tmp_path)
    suite = tmp_path / "suite.json"
    suite.write_text(learnt(first), encoding="utf-8")
    assert [f.message for f in asked(second, suite).findings] == []


@needs_gx
def test_great_expectations_itself_loads_the_suite_and_it_holds_for_the_other_half(
    tmp_path: Path,
) -> None:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        for seed, frame in enumerate((mixed(5, 800), toy("iris"), support())):
            first, second = halves(frame, seed, tmp_path)
            text = learnt(first)
            suite = gx.ExpectationSuite(**json.loads(text))
            assert len(suite.expectations) == len(json.loads(text)["expectations"])
            context = gx.get_context(mode="ephemeral")
            asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
            batch = asset.add_batch_definition_whole_dataframe("w").get_batch(
                {"dataframe": pd.read_csv(second)}
            )
            results = batch.validate(suite).results
            assert [r.expectation_config for r in results if not r.success] == []


FAULTS: dict[str, tuple[str, Any]] = {
    "a number out of range": ("age", 900),
    "a negative number": ("score", -40),
    "a new category": ("city", "Atlantis"),
    "a wrong pattern": ("id", "U12"),
    "no UUID": ("uuid", "unknown!"),
    "no address": ("mail", "nobody"),
    "a gap": ("temperature", None),
    "a word among numbers": ("income", "lots"),
    "a number beyond all, beside words": ("income", 1e12),
    "a text that is too long": ("text", "fox " * 2000),
    "no date": ("day", "2021-13-01"),
    "a date in another form": ("day", "01/02/2021"),
    "a date in another century": ("day", "2199-01-01"),
    "no truth": ("flag", "maybe"),
}


@needs_gx
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_planted_fault_is_found_in_its_row_and_nothing_else(
    seed: int, tmp_path: Path
) -> None:
    first, second = halves(mixed(seed, 1200), seed, tmp_path)
    suite = tmp_path / "suite.json"
    suite.write_text(learnt(first), encoding="utf-8")
    import pandas as pd

    frame = pd.read_csv(second, dtype=str, keep_default_na=False).astype(object)
    planted = {}
    for row, (what, (column, value)) in enumerate(FAULTS.items(), start=5):
        frame.loc[row, column] = value
        planted[row, column] = what
    frame.loc[31, "id"] = frame.loc[30, "id"]
    planted |= {(30, "id"): "an id twice", (31, "id"): "an id twice"}
    frame.to_csv(second, index=False)
    findings = asked(second, suite).findings
    found = {(row, f.columns[0]) for f in findings for row in f.rows}
    assert found == set(planted)
    assert all(line == row + 2 for f in findings for row, line in zip(f.rows, f.lines, strict=True))


@needs_gx
def test_parquet_and_frames_are_asked_in_their_own_types(tmp_path: Path) -> None:
    import pandas as pd

    frame = mixed(7, 600)
    frame["opened"] = pd.to_datetime(frame["opened"])
    first, second = tmp_path / "first.parquet", frame[300:].reset_index(drop=True)
    frame[:300].to_parquet(first)
    suite = tmp_path / "suite.json"
    suite.write_text(learnt(first), encoding="utf-8")
    assert [f.message for f in asked(second, suite).findings] == []
    second.loc[4, "opened"] = pd.Timestamp("2190-01-01")
    second["age"] = second["age"].astype(str) + " years"
    found = {f.columns[0]: list(f.rows) for f in asked(second, suite).findings}
    assert found["opened"] == [4]
    assert "age" in found


@needs_gx
def test_a_suite_of_the_users_own_gives_rows_lines_and_its_severities(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text('text,n,m\n"two\nlines",1,5\nx,70,6\ny,,7\nz,80,8\n', encoding="utf-8")
    suite = written(
        tmp_path,
        {
            **rule("expect_column_values_to_be_between", column="n", max_value=60),
            "severity": "info",
        },
        {**rule("expect_column_values_to_not_be_null", column="n"), "severity": "warning"},
        rule("expect_column_mean_to_be_between", column="m", min_value=10),
        rule(
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A="m",
            column_B="n",
            ignore_row_if="either_value_is_missing",
        ),
        rule("expect_column_values_to_be_in_set", column="m", value_set=[5, 6, 7, 8]),
    )
    findings = {f.message: f for f in asked(data, suite).findings}
    told = [(str(f.severity), list(f.rows), list(f.lines), f.columns) for f in findings.values()]
    assert told == [
        ("error", [], [], ("m",)),
        ("error", [1, 3], [4, 6], ("m", "n")),
        ("warning", [2], [5], ("n",)),
        ("info", [1, 3], [4, 6], ("n",)),
    ]
    assert next(iter(findings)) == (
        "`expect_column_mean_to_be_between` (min_value 10) in `m` does not hold: 6.5"
    )


@needs_gx
def test_words_among_numbers_do_not_hide_numbers_out_of_range(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("n\n" + "5\n" * 30 + "many\n99\n", encoding="utf-8")
    suite = written(tmp_path, rule("expect_column_values_to_be_between", column="n", max_value=9))
    assert [list(f.rows) for f in asked(data, suite).findings] == [[31]]


@needs_gx
def test_what_cannot_be_asked_is_told_and_hides_nothing_else(tmp_path: Path) -> None:
    between = "expect_column_values_to_be_between"
    suite = written(
        tmp_path,
        rule("expect_column_values_to_be_betwen", column="n", min_value=0),
        rule(between, column="n", min_vale=0),
        rule(between, column="n", min_value={"$PARAMETER": "low"}),
        rule("expect_column_values_to_match_regex", column="t", regex="("),
        rule(
            between,
            column="n",
            min_value=0,
            row_condition="n.__class__ == 1",
            condition_parser="pandas",
        ),
        rule(between, column="lable", min_value=0),
        rule(between, column="n", min_value=2),
    )
    told = [
        f.message for f in asked({"n": [1, 2], "t": ["a", "b"], "label": [0, 1]}, suite).findings
    ]
    for part in (
        "did you mean 'expect_column_values_to_be_between'",
        "extra fields",
        "$PARAMETER low",
        "missing )",
        "could run code",
        "did you mean 'label'",
        "1 of 2 values",
    ):
        assert sum(part in message for message in told) == 1, part
    assert len(told) == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "suite.json:1: the suite is not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "it has no list `expectations`"),
        ('{"expectations": [{"kwargs": {}}]}', "expectation 1 has no `type`"),
        ('{"expectations": [{"type": "x", "kwargs": 3}]}', "`kwargs` is no JSON object"),
        ('{"expectation_suite_name": "x", "expectations": []}', "of Great Expectations 0.x"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
        (None, "there is no such suite"),
    ],
)
def test_a_damaged_suite_is_one_line(
    text: str | bytes | None, told: str, dataguard: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    if text is not None:
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "suite.json").write_bytes(data)
    ended = dataguard("lint", "a.csv", "--expectations", "suite.json")
    assert (ended.returncode, ended.stdout) == (2, b"")
    message = ended.stderr.decode()
    assert told in message
    assert message.count("\n") == 1


def without_gx(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """`dataguard ARGUMENTS` where Great Expectations is not installed."""
    absent = "import sys; sys.modules['great_expectations'] = None"
    code = f"{absent}; sys.argv = {['dataguard', *arguments]}"
    return subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\nimport dataguard.__main__"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip


def test_learn_needs_no_great_expectations_and_lint_says_what_to_install(tmp_path: Path) -> None:
    mixed(1, 60).to_csv(tmp_path / "a.csv", index=False)
    done = without_gx(tmp_path, "learn", "a.csv", "-o", "suite.json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads((tmp_path / "suite.json").read_text(encoding="utf-8"))["name"] == "a"
    done = without_gx(tmp_path, "lint", "a.csv", "--expectations", "suite.json")
    told = b"error: a suite of expectations needs Great Expectations: pip install 'dataguard[gx]'"
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, b"", told)


@needs_gx
def test_nothing_is_left_behind_and_nothing_else_is_printed(dataguard: Run, tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    for folder in (home, work):
        folder.mkdir()
    toy("iris").to_csv(work / "a.csv", index=False)
    env = {"HOME": str(home), "GX_ANALYTICS_ENABLED": "True"}
    learn = dataguard("learn", "a.csv", "-o", "suite.json", cwd=work, env=env)
    assert (learn.returncode, learn.stderr) == (0, b"")
    names = ["lint", "a.csv", "--expectations", "suite.json", "--select", "GXE", "--format", "json"]
    ended = dataguard(*names, cwd=work, env=env)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["datasets"][0]["outcomes"][0]["status"] == "ran"
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == [
        "home", "work", "work/a.csv", "work/suite.json",
    ]  # fmt: skip


@needs_gx
def test_analytics_are_off_when_great_expectations_is_loaded(tmp_path: Path) -> None:
    suite = written(tmp_path, rule("expect_column_to_exist", column="a"))
    code = (
        "import os, socket, sys, dataguard\n"
        "tried = []\n"
        "socket.socket.connect = lambda self, place: tried.append(place)\n"
        f"dataguard.lint({{'a': [1, 2]}}, select='GXE', expectations={str(suite)!r})\n"
        "assert 'great_expectations' in sys.modules\n"
        "assert os.environ['GX_ANALYTICS_ENABLED'] == 'False' and not tried, tried\n"
    )
    env = {**os.environ, "GX_ANALYTICS_ENABLED": "True"}
    assert subprocess.run([sys.executable, "-P", "-c", code], env=env, check=False).returncode == 0


def test_a_report_without_a_suite_does_not_speak_of_one(dataguard: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert b"GXE" not in dataguard("lint", "a.csv", "--format", "json").stdout
    ended = dataguard("lint", "a.csv", "--select", "GXE", "--format", "json")
    (outcome,) = json.loads(ended.stdout)["datasets"][0]["outcomes"]
    assert outcome["status"] == "skipped"
    assert "--expectations" in outcome["reason"]


@needs_gx
def test_the_suite_of_a_config_is_beside_the_config(dataguard: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a,b\n1,2\n5,6\n", encoding="utf-8")
    written(tmp_path, rule("expect_column_values_to_be_between", column="a", max_value=3))
    config = '[checks.GXE001]\nsuite = "own.json"\nseverity = "warning"\n'
    (tmp_path / "dataguard.toml").write_text(config, encoding="utf-8")
    for name in ([], ["--expectations", "../own.json"]):
        ended = dataguard(
            "lint", "a.csv", "--select", "GXE", "--format", "json", *name, cwd=tmp_path / "data"
        )
        found = [
            f for f in json.loads(ended.stdout)["datasets"][0]["findings"] if f["code"] == "GXE001"
        ]
        assert [(f["severity"], f["rows"], f["line"]) for f in found] == [("warning", [1], 3)]


def test_too_few_rows_are_nothing_to_learn_from(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has 2 rows, and at least 20 are needed"):
        learnt(path)


def test_a_column_may_have_any_name_and_codes_that_repeat_have_a_shape(tmp_path: Path) -> None:
    rows = [f"{i % 3},P{i * 7 % 60:03},{'ab'[i % 2]}" for i in range(120)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["count,value,len", *rows, ""]), encoding="utf-8")
    kwargs = [r["kwargs"] for r in json.loads(learnt(path))["expectations"]]
    assert {"column": "count", "value_set": [0, 1, 2]} in kwargs
    assert {"column": "value", "regex": "^P[0-9]{3}$"} in kwargs
    path.write_text("\n".join(["x,y,count", *rows, ""]), encoding="utf-8")
    assert json.loads(learnt(path))["expectations"][-1]["kwargs"]["value_set"] == ["a", "b"]


def test_learn_overwrites_no_data(dataguard: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n" + "1\n" * 30, encoding="utf-8")
    ended = dataguard("learn", "a.csv", "-o", "a.csv")
    assert ended.returncode == 2
    assert b"would overwrite" in ended.stderr
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("a\n1\n")


@pytest.mark.parametrize(
    ("draw", "most_failures"),
    [
        (lambda r: r.normal(2.5, 1, 200), 2),
        (lambda r: r.random(200), 2),
        (lambda r: r.exponential(1, 200), 2),
        (lambda r: r.lognormal(0, 1.5, 200), 2),
        (lambda r: r.standard_t(4, 200), 10),
    ],
)
def test_ranges_hold_for_a_second_sample_and_are_no_wider_than_they_must(
    draw: Callable[[np.random.Generator], Any], most_failures: int
) -> None:
    rng = np.random.default_rng(3)
    failures = 0
    for _ in range(300):
        low, high = bounds(draw(rng))
        second = draw(rng)
        failures += bool(second.min() < low or second.max() > high)
    assert failures <= most_failures


def test_a_range_of_normal_values_is_at_most_four_times_as_wide_as_they_are() -> None:
    values = np.random.default_rng(1).normal(100, 10, 500)
    low, high = bounds(values)
    assert values.min() - 60 < low < values.min()
    assert values.max() < high < values.max() + 60
    assert bounds(np.random.default_rng(1).exponential(1, 500))[0] == 0


def test_shares_leave_room_for_chance() -> None:
    assert mostly(0, 100) == 1.0
    assert mostly(10, 1000) == pytest.approx(0.966, abs=0.001)
    assert mostly(90, 100) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([f"T{10000 + i}" for i in range(30)], "^T1[0-9]{4}$"),
        ([f"AB-{i}" for i in range(30)], "^AB-[0-9]+$"),
        ([f"a{i}@b.org" for i in range(30)], r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"),
        ([f"word{'s' * i}" for i in range(30)], None),
    ],
)
def test_codes_have_a_shape(values: list[str], expected: str | None) -> None:
    found = regex_of(values)
    if expected is None or found is None:
        assert found == expected
        return
    assert all(re.search(found, value) for value in values)
    assert not re.search(found, "something else")
    if expected.startswith("^AB"):
        assert found == expected


def test_a_date_that_can_be_read_in_two_ways_has_no_format() -> None:
    assert date_format(["2021-03-04", "2021-12-31"]) == "%Y-%m-%d"
    assert date_format(["03/04/2021", "05/06/2021"]) is None
    assert date_format(["13/04/2021", "05/06/2021"]) == "%d/%m/%Y"


OUTPUT = re.compile(r"<!-- output: dataguard (.+?) -->\n```text\n(.*?)```\n", re.DOTALL)


@needs_gx
def test_the_page_shows_what_happens(dataguard: Run, root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "great-expectations.md").read_text(encoding="utf-8")
    shutil.copytree(root / "examples", tmp_path / "examples")
    (own,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (tmp_path / "own.json").write_text(own, encoding="utf-8")
    shown = OUTPUT.findall(page)
    assert len(shown) == 2
    for line, expected in shown:
        assert dataguard(*line.split()).stdout.decode() == expected
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code += "\nassert len(result.results) == len(suite.expectations)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_python_tells_of_a_suite_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="there is no such suite"):
        dataguard.lint({"a": [1]}, expectations="nowhere.json")
