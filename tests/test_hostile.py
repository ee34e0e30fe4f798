"""Bad input is normal input: exit 0, 1 or 2, never a traceback, nothing changed, nothing raw."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest import mock

import pytest
from conftest import Run
from hostile import TABLE, Hostile, files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILES = list(files())
FORMATS = ("text", "json", "sarif", "github", "markdown", "junit", "html")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069]")

CRASHED = re.compile(r"[A-Z]{3}\d{3} \S+ crashed|\"status\": \"crashed\"")


def command(*arguments: str) -> tuple[int, str, str]:
    """The whole command in this process: exit code, stdout, stderr."""
    from dataguard.cli import main

    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["dataguard", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        else:
            code = 0
    return code, out.getvalue(), err.getvalue()


def assert_well_behaved(code: int, out: str, err: str) -> None:
    assert code in (0, 1, 2), err
    assert "Traceback" not in err
    assert "internal error" not in err, err
    assert not CRASHED.search(out), out
    assert not CONTROL.search(err), err


def test_there_are_at_least_sixty_hostile_files() -> None:
    assert len({f.name for f in FILES}) == len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda f: ascii(f.name))
def test_a_hostile_file_ends_well(tmp_path: Path, file: Hostile) -> None:
    path = tmp_path / file.name
    content = file.content()
    path.write_bytes(content)
    code, out, err = command("lint", str(path))
    assert_well_behaved(code, out, err)
    assert not CONTROL.search(out)
    if file.code is not None:
        assert code == file.code, out + err
    assert file.found in out
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


SMALL = [f for f in FILES if f.name.startswith(("escapes", "emoji", "\x1b", "nuls", "all_bytes"))]


@pytest.mark.parametrize("file", SMALL, ids=lambda f: ascii(f.name))
@pytest.mark.parametrize("name", FORMATS)
def test_nothing_comes_out_raw_in_any_format(tmp_path: Path, file: Hostile, name: str) -> None:
    (tmp_path / file.name).write_bytes(file.content())
    code, out, err = command("lint", "--fast", str(tmp_path / file.name), "--format", name)
    assert_well_behaved(code, out, err)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", out), name
    if name != "json":
        assert not CONTROL.search(out), name


def test_a_hostile_file_ends_well_in_the_real_program(dataguard: Run, tmp_path: Path) -> None:
    for file in FILES:
        if file.name in ("empty.csv", "escapes.csv", "unclosed_quote.csv", "all_bytes.csv"):
            (tmp_path / file.name).write_bytes(file.content())
            ended = dataguard("lint", file.name)
            assert ended.returncode in (0, 1, 2)
            assert b"Traceback" not in ended.stderr
            assert b"\x1b" not in ended.stdout


NAMES = "count,n,value,texts,len,index,row,text,x,y,label,line"
"""What columns are called within the checks, and may be called by the user."""


@pytest.mark.parametrize("shift", range(4))
def test_a_column_may_be_called_as_the_checks_call_theirs(tmp_path: Path, shift: int) -> None:
    draw = Random(shift)
    kinds = (
        lambda: draw.choice(("red", "blue", "N/A")),
        lambda: draw.choice((-999, 2.5)) if draw.random() < 0.1 else round(draw.gauss(5, 2), 2),
        lambda: f"word {draw.randint(1, 99)} of a text {draw.randint(1, 99)} with more in it",
        lambda: f"2024-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}",
    )
    for name, rows in (("train", 120), ("test", 60)):
        cells = [[str(kinds[(k + shift) % 4]()) for k in range(12)] for _ in range(rows)]
        text = "\n".join([NAMES, *map(",".join, cells), ""])
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    for role in ("label", "count"):
        code, out, err = command("lint", str(tmp_path), "--label", role, "--format", "json")
        assert not CRASHED.search(out)
        assert_well_behaved(code, "", err)


@pytest.mark.parametrize("name", ["folder.csv", "loop.csv", "gone.csv", "nul\0.csv", ""])
def test_what_is_no_file_is_one_line_and_exit_code_2(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    code, out, err = command("lint", f"{tmp_path}/{name}" if name else "")
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "internal" not in err


def test_a_file_without_permission_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "closed.csv"
    path.write_bytes(TABLE)
    assert command("lint", str(path))[0] in (0, 1)
    path.chmod(0)
    with _nobody(tmp_path):
        code, out, err = command("lint", str(path))
    assert (code, out) == (2, "")
    assert re.fullmatch(r"error: \S+closed\.csv: .*permission.*\n", err, re.IGNORECASE)


@contextlib.contextmanager
def _nobody(folder: Path) -> Iterator[None]:
    """Without root's right to read everything, where we have it."""
    if os.geteuid() != 0:
        yield
        return
    for parent in (folder, *folder.parents[:3]):
        if str(parent) not in ("/", "/tmp"):
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_reader_that_stops_early_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE + b"1\n" * 5)
    line = f"'{sys.executable}' -P -m dataguard lint '{path}' --format json | head -c 10"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


QUIET = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


@QUIET
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".jsonl", ".parquet", ""]))
def test_random_bytes_end_well(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"random{suffix}"
        path.write_bytes(content)
        assert_well_behaved(*command("lint", str(path)))
        assert path.read_bytes() == content


CELLS = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.sampled_from(["", "N/A", "-", "0", "1", "yes", "no", "a b c d e f", "Ã©", " x", "1,5", '"']),
)


@QUIET
@given(
    names=st.lists(st.text(max_size=8), min_size=1, max_size=5),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=25),
    delimiter=st.sampled_from(",;\t|"),
    label=st.booleans(),
)
def test_random_tables_end_well(
    names: list[str], rows: list[list[str]], delimiter: str, label: bool
) -> None:
    import csv

    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    header = [*names, "label"] if label else names
    writer.writerow(header)
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        content = text.getvalue().encode("utf-8", "surrogatepass")
        for split in ("train", "test"):
            (Path(folder) / f"{split}.csv").write_bytes(content)
        assert_well_behaved(*command("lint", folder))
        assert (Path(folder) / "train.csv").read_bytes() == content
