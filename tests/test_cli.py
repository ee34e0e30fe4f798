"""The command line, run for real: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import Run

FAULTY = (
    "text,city,label\nthe cat sat on it,Rome,a\nthe dog ran to it,Oslo\nthe end of it all,Bonn,b\n"
)
CLEAN = FAULTY.replace("Oslo\n", "Oslo,a\n")
NAMES = ("Anna", "Bjorn", "Chidi", "Dmitri", "Esra", "Fatima", "Goro", "Hans")


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.csv"
    path.write_text(FAULTY, encoding="utf-8")
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.csv"
    path.write_text(CLEAN, encoding="utf-8")
    return path


def test_a_clean_file_ends_with_0_and_an_error_with_1(
    dataguard: Run, faulty: Path, clean: Path
) -> None:
    assert dataguard("lint", clean).returncode == 0
    found = dataguard("lint", faulty)
    assert found.returncode == 1
    assert b"FIL004 ragged-rows" in found.stdout
    assert b"faulty.csv:3" in found.stdout


def test_fail_on_moves_the_line(dataguard: Run, faulty: Path, tmp_path: Path) -> None:
    assert dataguard("lint", faulty, "--fail-on", "never").returncode == 0
    one_split = tmp_path / "one_split.csv"
    rows = [f"{a} walks past {b},{'xy'[i % 2]}\n" for i, a in enumerate(NAMES) for b in NAMES]
    one_split.write_text("text,label\n" + "".join(rows), encoding="utf-8")
    assert dataguard("lint", one_split, "--fail-on", "warning").returncode == 0
    assert dataguard("lint", one_split, "--fail-on", "info").returncode == 1


def test_a_missing_file_is_one_line_with_a_hint_and_exit_code_2(
    dataguard: Run, faulty: Path
) -> None:
    ended = dataguard("lint", "fualty.csv")
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert re.fullmatch(
        r"error: fualty\.csv: there is no such file; did you mean 'faulty\.csv'\?\n",
        ended.stderr.decode(),
    )


def test_one_missing_file_does_not_hide_what_is_wrong_with_the_other(
    dataguard: Run, faulty: Path
) -> None:
    ended = dataguard("lint", "gone.csv", faulty)
    assert ended.returncode == 2
    assert b"FIL004" in ended.stdout
    assert b"gone.csv" in ended.stderr


def test_a_wrong_column_names_the_near_one(dataguard: Run, clean: Path) -> None:
    ended = dataguard("lint", clean, "--label", "lable")
    assert ended.returncode == 2
    assert b"no column 'lable' for --label; did you mean 'label'?" in ended.stderr


def test_a_wrong_code_names_the_near_one(dataguard: Run, clean: Path) -> None:
    ended = dataguard("lint", clean, "--select", "LAB0O2")
    assert ended.returncode == 2
    assert b"no check 'LAB0O2'; did you mean 'LAB002'" in ended.stderr


def test_no_path_and_no_config_says_what_to_type(dataguard: Run) -> None:
    ended = dataguard("lint")
    assert ended.returncode == 2
    assert b"name the data: train.csv --test test.csv --label LABEL" in ended.stderr


def test_select_takes_a_family_and_ignore_a_rule(dataguard: Run, faulty: Path) -> None:
    ended = dataguard(
        "lint", faulty, "--select", "FIL,DUP", "--ignore", "FIL004", "--format", "json"
    )
    codes = {o["code"] for o in json.loads(ended.stdout)["datasets"][0]["outcomes"]}
    assert "FIL001" in codes
    assert "DUP001" in codes
    assert "FIL004" not in codes
    assert not any(code.startswith("LAB") for code in codes)


def test_fast_says_which_checks_it_left_out(dataguard: Run, clean: Path) -> None:
    ended = dataguard("lint", clean, "--fast", "--format", "json")
    outcomes = json.loads(ended.stdout)["datasets"][0]["outcomes"]
    left_out = {o["code"] for o in outcomes if o["reason"] == "left out by --fast"}
    assert {"DUP003", "LAB002", "LEK002"} <= left_out


def test_two_files_named_train_and_test_are_splits_of_one_dataset(
    dataguard: Run, tmp_path: Path
) -> None:
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text(CLEAN, encoding="utf-8")
    together = json.loads(dataguard("lint", "train.csv", "test.csv", "--format", "json").stdout)
    assert [len(d["sources"]) for d in together["datasets"]] == [2]
    alone = json.loads(
        dataguard("lint", "--alone", "train.csv", "test.csv", "--format", "json").stdout
    )
    assert [len(d["sources"]) for d in alone["datasets"]] == [1, 1]


def test_standard_input_is_read_for_a_dash(dataguard: Run) -> None:
    ended = dataguard("lint", "-", stdin=FAULTY.encode())
    assert ended.returncode == 1
    assert b"FIL004" in ended.stdout


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_rows_out_writes_every_flagged_row(
    dataguard: Run, faulty: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"rows{suffix}"
    dataguard("lint", faulty, "--select", "FIL004", "--rows-out", path)
    readers = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".jsonl": pl.read_ndjson}
    rows = readers[suffix](path)
    expected = ["dataset", "split", "row", "line", "column", "code", "score", "group", "message"]
    assert rows.columns == expected
    assert rows.select("split", "row", "line", "code").row(0) == ("train", 1, 3, "FIL004")


def test_an_output_never_overwrites_an_input(dataguard: Run, faulty: Path) -> None:
    for option in ("--output", "--rows-out"):
        ended = dataguard("lint", faulty, option, faulty)
        assert ended.returncode == 2
        assert b"would overwrite an input" in ended.stderr
    assert faulty.read_text(encoding="utf-8") == FAULTY


def test_the_report_and_the_rows_never_go_to_one_file(
    dataguard: Run, faulty: Path, tmp_path: Path
) -> None:
    ended = dataguard("lint", faulty, "--output", "x.csv", "--rows-out", tmp_path / "x.csv")
    assert ended.returncode == 2
    assert b"--output and --rows-out name one file" in ended.stderr
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_a_seed_out_of_bounds_is_refused(dataguard: Run, clean: Path, seed: str) -> None:
    ended = dataguard("lint", clean, "--seed", seed)
    assert ended.returncode == 2
    assert f"error: the seed is {seed}".encode() in ended.stderr


def test_rows_out_of_an_unknown_kind_is_refused_before_linting(
    dataguard: Run, faulty: Path
) -> None:
    ended = dataguard("lint", faulty, "--rows-out", "rows.xlsx")
    assert ended.returncode == 2
    assert (
        b"--rows-out writes no '.xlsx' files; there are: '.csv', '.parquet', '.jsonl'"
        in ended.stderr
    )


def test_the_same_input_gives_the_same_bytes_in_every_format(dataguard: Run, faulty: Path) -> None:
    for name in ("text", "json", "sarif", "github", "markdown", "junit"):
        first, second = (dataguard("lint", faulty, "--format", name).stdout for _ in range(2))
        assert first == second, name
        assert first.endswith(b"\n"), name


def test_output_goes_to_a_file_whole(dataguard: Run, faulty: Path, tmp_path: Path) -> None:
    ended = dataguard("lint", faulty, "--format", "json", "--output", "report.json")
    assert ended.stdout == b""
    assert json.loads((tmp_path / "report.json").read_bytes())["schema"] == "dataguard/1"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faulty.csv", "report.json"]


def test_colour_comes_only_when_it_is_asked_for(dataguard: Run, faulty: Path) -> None:
    assert b"\x1b" not in dataguard("lint", faulty).stdout
    coloured = dataguard("lint", faulty, env={"FORCE_COLOR": "1"})
    assert b"\x1b[1;31mFIL004\x1b[0m" in coloured.stdout


def test_explain_prints_the_page_by_code_or_name(dataguard: Run) -> None:
    by_code = dataguard("explain", "DUP001")
    assert by_code.returncode == 0
    assert by_code.stdout == dataguard("explain", "duplicate-rows").stdout
    for heading in (b"## Why is this bad?", b"## How it works", b"## What to do"):
        assert heading in by_code.stdout


def test_explain_of_an_unknown_code_helps(dataguard: Run) -> None:
    ended = dataguard("explain", "DUP01")
    assert ended.returncode == 2
    assert b"did you mean 'DUP001'" in ended.stderr


def test_checks_lists_every_check_as_text_and_json(dataguard: Run) -> None:
    listed = json.loads(dataguard("checks", "--format", "json").stdout)
    text = dataguard("checks").stdout.decode()
    assert len(listed) >= 31
    for check in listed:
        assert check["code"] in text
        assert check["summary"]


def test_version_is_the_packages(dataguard: Run) -> None:
    import importlib.metadata

    version = importlib.metadata.version("dataguard")
    assert dataguard("--version").stdout == f"dataguard {version}\n".encode()


def test_every_option_of_lint_is_explained(dataguard: Run) -> None:
    text = dataguard("lint", "--help").stdout.decode()
    for option in [
        "--test",
        "--validation",
        "--label",
        "--text",
        "--id",
        "--time",
        "--group",
        "--select",
        "--ignore",
        "--fail-on",
        "--fast",
        "--format",
        "--output",
        "--rows-out",
        "--config",
        "--no-progress",
        "--engine",
        "--seed",
    ]:
        assert re.search(rf"{option}\b", text), option


def test_completion_offers_the_codes(dataguard: Run) -> None:
    env = {
        "_DATAGUARD_COMPLETE": "complete_bash",
        "COMP_WORDS": "dataguard explain DUP00",
        "COMP_CWORD": "2",
    }
    import subprocess
    import sys
    from shutil import which

    program = which("dataguard", path=str(Path(sys.executable).parent))
    assert program is not None
    done = subprocess.run([program], env=env, capture_output=True, check=False)
    assert b"DUP001" in done.stdout


def test_a_file_without_records_is_told_of_where_its_check_is_left_out(
    dataguard: Run, tmp_path: Path
) -> None:
    (tmp_path / "header.csv").write_text("a,b\n", encoding="utf-8")
    ended = dataguard("lint", "header.csv", "--select", "DUP", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == b"error: header.csv: there is a header, but no record\n"
    assert b"No findings" not in ended.stdout
    assert b"Nothing was checked (no check ran)." in ended.stdout
    told = dataguard("lint", "header.csv", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (2, b"")


def test_a_selector_that_names_nothing_is_wrong_usage(dataguard: Run, clean: Path) -> None:
    ended = dataguard("lint", clean, "--select", ",")
    assert ended.returncode == 2
    assert b"',' names no check" in ended.stderr


def test_a_named_pipe_is_read_once_and_whole(tmp_path: Path) -> None:
    import os
    import threading

    from dataguard.sources import open_table

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = b"a,b\n" + b"1,x\n" * 50_000
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    table = open_table(str(pipe))
    writer.join()
    assert (table.height, table.faults) == (50_000, ())


def test_a_wrong_suffix_for_rows_names_the_formats_once(dataguard: Run, clean: Path) -> None:
    ended = dataguard("lint", clean, "--rows-out", "x.txt")
    assert ended.returncode == 2
    assert ended.stderr.count(b".parquet") == 1
