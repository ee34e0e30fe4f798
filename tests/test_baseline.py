"""The baseline: later runs report only what is new, wherever the old rows stand."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from dataguard.baseline import DEFAULT, MOST_ROWS, Baseline, written
from dataguard.check import Check, Example
from dataguard.finding import Finding, Report, Severity, SourceInfo
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame

CITIES = ("Lyon", "Porto", "Ghent", "Turin")
GOOD = [f"{i},a good text about thing number {i * 37 % 101},{CITIES[i % 4]}" for i in range(60)]
BAD = ["60,this one has no city at all,N/A", "61,nor does this one have any,unknown"]
WORSE = "62,and this is one that is new,N/A"
CODES = ("FMT003", "FMT004", "FMT006", "DUP001", "DUP002", "FMT007")


def save(path: Path, rows: list[str], seed: int = 0) -> Path:
    """The rows as a CSV file, shuffled where there is a seed."""
    shuffled = list(rows)
    if seed:
        random.Random(seed).shuffle(shuffled)
    path.write_text("\n".join(["id,text,city", *shuffled]) + "\n", encoding="utf-8")
    return path


def found(run: Run, *arguments: str) -> list[dict[str, Any]]:
    ended = run("lint", *arguments, "--fast", "--format", "json", "--select", ",".join(CODES))
    (dataset,) = json.loads(ended.stdout)["datasets"]
    return [f for f in dataset["findings"] if isinstance(f, dict)]


def record(run: Run, *arguments: str) -> None:
    ended = run("baseline", *arguments, "--fast", "--select", ",".join(CODES))
    assert ended.returncode == 0, ended.stderr


def test_known_findings_are_left_out_after_a_shuffle_and_under_another_name(
    dataguard: Run, tmp_path: Path
) -> None:
    first = save(tmp_path / "a.csv", GOOD + BAD)
    assert [f["code"] for f in found(dataguard, "a.csv")] == ["FMT004"]
    record(dataguard, "a.csv")
    assert found(dataguard, "a.csv", "--baseline", DEFAULT) == []
    first.unlink()
    save(tmp_path / "b.csv", GOOD + BAD, seed=3)
    assert [f["code"] for f in found(dataguard, "b.csv")] == ["FMT004"]
    assert found(dataguard, "b.csv", "--baseline", DEFAULT) == []


def test_one_more_row_of_a_known_fault_is_reported_alone(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", GOOD + BAD)
    record(dataguard, "a.csv")
    save(tmp_path / "a.csv", [WORSE, *GOOD, *BAD])
    (finding,) = found(dataguard, "a.csv", "--baseline", DEFAULT)
    assert (finding["code"], finding["rows"], finding["line"]) == ("FMT004", [0], 2)
    assert finding["message"].endswith("(new since the baseline: 1 row)")
    assert [e["row"] for e in finding["evidence"]["examples"]] == [0]


def test_one_more_copy_of_a_known_copy_is_reported(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", [*GOOD, GOOD[0]])
    record(dataguard, "a.csv")
    save(tmp_path / "a.csv", [*GOOD, GOOD[0]], seed=2)
    assert found(dataguard, "a.csv", "--baseline", DEFAULT) == []
    save(tmp_path / "a.csv", [*GOOD, GOOD[0], GOOD[0]])
    (finding,) = found(dataguard, "a.csv", "--baseline", DEFAULT)
    assert (finding["code"], finding["rows"]) == ("DUP001", [61])


def test_fewer_rows_of_a_known_fault_are_nothing_new(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", GOOD + BAD)
    record(dataguard, "a.csv")
    save(tmp_path / "a.csv", [*GOOD, BAD[1]])
    assert found(dataguard, "a.csv", "--baseline", DEFAULT) == []


def test_the_same_rows_with_another_fault_are_reported(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", GOOD + BAD)
    record(dataguard, "a.csv")
    save(tmp_path / "a.csv", [*GOOD, *BAD, "62,  a text with blanks around it  ,Lyon"])
    (finding,) = found(dataguard, "a.csv", "--baseline", DEFAULT)
    assert finding["code"] == "FMT003"


def test_the_report_says_what_was_left_out_and_what_no_longer_occurs(
    dataguard: Run, tmp_path: Path
) -> None:
    save(tmp_path / "a.csv", [*GOOD, *BAD, GOOD[0]])
    record(dataguard, "a.csv")
    arguments = ("a.csv", "--fast", "--select", ",".join(CODES), "--baseline", DEFAULT)
    told = dataguard("lint", *arguments).stdout.decode()
    assert told.endswith(f"Baseline {DEFAULT}: 2 known findings left out\n")
    save(tmp_path / "a.csv", [*GOOD, *BAD])
    told = dataguard("lint", *arguments).stdout.decode()
    assert told.endswith(
        f"Baseline {DEFAULT}: 1 known finding left out; 1 of its 2 entries no longer occurs"
        " (`dataguard baseline` writes it anew)\n"
    )
    ended = dataguard("lint", *arguments, "--format", "json")
    assert b"1 known finding left out" in ended.stderr
    json.loads(ended.stdout)


def test_an_entry_whose_check_or_file_was_not_looked_at_is_not_called_gone(
    dataguard: Run, tmp_path: Path
) -> None:
    save(tmp_path / "a.csv", GOOD + BAD)
    save(tmp_path / "b.csv", GOOD + BAD)
    record(dataguard, "a.csv", "b.csv")
    for arguments in (("a.csv",), ("a.csv", "b.csv", "--select", "DUP001")):
        ended = dataguard("lint", *arguments, "--fast", "--baseline", DEFAULT)
        assert b"no longer" not in ended.stdout


def test_a_known_row_excuses_no_other_file(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", GOOD + BAD)
    save(tmp_path / "b.csv", GOOD)
    record(dataguard, "a.csv", "b.csv")
    save(tmp_path / "b.csv", GOOD + BAD)
    assert [f["code"] for f in found(dataguard, "b.csv", "--baseline", DEFAULT)] == ["FMT004"]


def test_the_exit_code_is_that_of_the_new_findings(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", [*GOOD, "60,a,b,c"])
    assert dataguard("lint", "a.csv", "--fast").returncode == 1
    assert dataguard("baseline", "a.csv", "--fast").returncode == 0
    assert dataguard("lint", "a.csv", "--fast", "--baseline", DEFAULT).returncode == 0
    save(tmp_path / "a.csv", [*GOOD, "60,a,b,c", "61,x,y,z"])
    assert dataguard("lint", "a.csv", "--fast", "--baseline", DEFAULT).returncode == 1


def test_the_config_may_name_the_baseline(dataguard: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(tmp_path / "in" / "a.csv", GOOD + BAD)
    (tmp_path / "dataguard.toml").write_text('baseline = "known.json"\n', encoding="utf-8")
    ended = dataguard("lint", "in/a.csv", "--fast")
    assert ended.returncode == 2
    assert b"known.json: there is no such baseline; `dataguard baseline` writes one" in ended.stderr
    record(dataguard, "in/a.csv")
    assert (tmp_path / "known.json").is_file()
    assert found(dataguard, "in/a.csv") == []
    inner = dataguard("lint", "a.csv", "--select", "FMT004", cwd=tmp_path / "in")
    assert b"known.json: 1 known finding left out" in inner.stdout


def test_python_leaves_out_what_the_baseline_of_its_config_knows(
    dataguard: Run, tmp_path: Path
) -> None:
    import dataguard as package

    path = save(tmp_path / "a.csv", GOOD + BAD)
    record(dataguard, "a.csv")
    config = tmp_path / "dataguard.toml"
    config.write_text(f'baseline = "{DEFAULT}"\n', encoding="utf-8")
    assert package.lint(path, select="FMT004").findings
    assert package.lint(path, select="FMT004", config=config).findings == ()


def test_the_file_is_the_same_after_a_shuffle_and_holds_no_cell(
    dataguard: Run, tmp_path: Path
) -> None:
    texts = []
    for seed in (0, 5):
        save(tmp_path / "a.csv", [*GOOD, *BAD, GOOD[0]], seed=seed)
        record(dataguard, "a.csv")
        texts.append((tmp_path / DEFAULT).read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert "unknown" not in texts[0]
    entries = [line for line in texts[0].splitlines() if line.startswith('    {"path"')]
    assert len(entries) == 2 == len(json.loads(texts[0])["entries"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "the baseline is damaged (Expecting value"),
        ("[1]", "is no baseline of dataguard"),
        ('{"schema": "other/1"}', "is no baseline of dataguard"),
        ('{"schema": "dataguard-baseline/1"}', "the baseline is damaged ('files')"),
        ('{"schema": "dataguard-baseline/1", "files": 3, "entries": []}', "is damaged ("),
        ('{"schema": "dataguard-baseline/1", "files": [], "entries": [{}]}', "is damaged ("),
        ('{"schema": "dataguard-baseline/1", "files": [], "entries": [3]}', "is damaged ("),
        ("[" * 100_000, "is damaged ("),
        ("\udcff", "is damaged ("),
    ],
)
def test_a_damaged_baseline_is_one_line_and_2(
    dataguard: Run, tmp_path: Path, content: str, told: str
) -> None:
    save(tmp_path / "a.csv", GOOD)
    (tmp_path / "b.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    ended = dataguard("lint", "a.csv", "--fast", "--baseline", "b.json")
    assert ended.returncode == 2
    assert told in ended.stderr.decode()
    assert ended.stderr.startswith(b"error: b.json: ")
    assert ended.stderr.count(b"\n") == 1


def test_each_damaged_place_of_a_real_baseline_is_told(tmp_path: Path) -> None:
    report = _linted(save(tmp_path / "a.csv", GOOD + BAD))
    target = tmp_path / "b.json"
    whole = written([report], target)
    for old, new in (
        ('"rows": 2', '"rows": "2"'),
        ('"code": "FMT004"', '"code": 4'),
        ('"contents": "', '"contents": "A'),
        ('"contents": "', '"contents": 3, "x": "'),
        ('"columns": ["city"]', '"columns": [1]'),
        ('"path": "a.csv"', '"path": null'),
        ('"split": "train", ', ""),
    ):
        assert old in whole
        target.write_text(whole.replace(old, new), encoding="utf-8")
        with pytest.raises(Exception, match="the baseline is damaged"):
            Baseline(target, [])


def test_a_file_that_is_no_baseline_is_not_overwritten(dataguard: Run, tmp_path: Path) -> None:
    save(tmp_path / "a.csv", GOOD)
    (tmp_path / "notes.json").write_text('{"mine": 1}', encoding="utf-8")
    ended = dataguard("baseline", "a.csv", "--fast", "--output", "notes.json")
    assert ended.returncode == 2
    assert b"notes.json: is there and is no baseline" in ended.stderr
    assert (tmp_path / "notes.json").read_text(encoding="utf-8") == '{"mine": 1}'
    assert dataguard("baseline", "a.csv", "--fast", "--output", "a.csv").returncode == 2
    assert dataguard("baseline", "gone.csv", "a.csv", "--fast").returncode == 2
    assert not (tmp_path / DEFAULT).exists()


# Laws


def _linted(path: Path, baseline: Path | None = None) -> Report:
    checks = load_checks()
    chosen = tuple(checks[code]() for code in CODES)
    sifts = (Baseline(baseline, [str(path)]),) if baseline is not None else ()
    tables = {"train": open_table(str(path))}
    return lint_tables(str(path), tables, GivenRoles(), Settings(chosen, sifts=sifts))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a b c", "a  b c", "d e f", " d e f", "g h", "", "N/A"]),
        st.sampled_from(["Lyon", "lyon", "?", "", "Porto "]),
    ),
    min_size=2,
    max_size=12,
)


def _rows(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{i % 3},{text},{city}" for i, (text, city) in enumerate(pairs)]


def test_a_file_without_a_record_is_one_line_and_2(dataguard: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,text,city\n", encoding="utf-8")
    save(tmp_path / "good.csv", GOOD)
    ended = dataguard("baseline", "good.csv", "empty.csv")
    assert ended.returncode == 2
    assert ended.stderr.decode().startswith("error: empty.csv: there is a header, but no record")
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / DEFAULT).exists()


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 1000))
def test_a_shuffled_and_renamed_file_has_nothing_new(
    pairs: list[tuple[str, str]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = save(Path(folder) / "a.csv", _rows(pairs))
        target = Path(folder) / "base.json"
        target.write_text(written([_linted(first)], target), encoding="utf-8")
        first.unlink()
        second = save(Path(folder) / "b.csv", _rows(pairs), seed=seed)
        assert _linted(second, target).findings == ()


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(0, 20), st.sampled_from(["N/A", "?", "-"]))
def test_a_new_row_with_a_fault_is_always_reported(
    pairs: list[tuple[str, str]], place: int, fault: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [*GOOD, *_rows(pairs)]
        target = Path(folder) / "base.json"
        path = save(Path(folder) / "a.csv", rows)
        target.write_text(written([_linted(path)], target), encoding="utf-8")
        save(path, [*rows[:place], f"77,a text that is new here,{fault}", *rows[place:]])
        new = [f for f in _linted(path, target).findings if f.code == "FMT004"]
        assert any(place in f.rows for f in new)


def _shuffled(check: type[Check], example: Example, seed: int, *sifts: Baseline) -> Report:
    """The report of an example; with a seed its rows are shuffled and its files renamed."""
    tables = {}
    for split in ("train", "validation", "test"):
        columns = getattr(example, split)
        if columns is not None:
            order = list(range(len(next(iter(columns.values())))))
            if seed:
                random.Random(seed).shuffle(order)
            rows = {name: [cells[i] for i in order] for name, cells in columns.items()}
            tables[split] = read_frame(rows, name=f"<{split} {seed}>")
    given = GivenRoles(example.label, example.text, example.id, example.time, example.group)
    return lint_tables("data", tables, given, Settings((check(),), sifts=sifts))


@pytest.mark.parametrize(
    "check",
    [c for c in load_checks().values() if not c.ordered and not c.structural],
    ids=lambda check: check.code,
)
def test_what_a_check_finds_is_known_after_a_shuffle(check: type[Check], tmp_path: Path) -> None:
    target = tmp_path / "base.json"
    for example in check.bad:
        splits = (example.train, example.validation, example.test)
        if any(isinstance(columns, bytes) for columns in splits):
            continue
        target.write_text(written([_shuffled(check, example, 0)], target), encoding="utf-8")
        known = Baseline(target, [])
        assert _shuffled(check, example, 1, known).findings == ()
        assert not [note for note in known.notes(every_file=True) if "no longer" in note]


def _large(path: str, rows: int) -> Finding:
    return Finding(
        "FMT004", "disguised-missing", Severity.WARNING, "m", split="train", rows=range(rows),
        row_count=rows, columns=("c",), path=path, fingerprint=str(rows),
        contents=list(range(1, rows + 1)),
    )  # fmt: skip


@pytest.mark.parametrize("rows", [MOST_ROWS, MOST_ROWS + 1])
def test_a_finding_of_very_many_rows_is_known_and_one_more_row_is_new(
    tmp_path: Path, rows: int
) -> None:
    path, target = str(tmp_path / "a.csv"), tmp_path / "base.json"
    source = SourceInfo("train", path, "csv", rows + 1, 1)
    report = Report(path, (_large(path, rows),), (), (source,), {}, "0")
    target.write_text(written([report], target), encoding="utf-8")
    assert len(target.read_bytes()) < 10 * MOST_ROWS
    assert Baseline(target, [path])([_large(path, rows)], [path], ()) == []
    (again,) = Baseline(target, [path])([_large(path, rows + 1)], [path], ())
    assert rows in again.rows
