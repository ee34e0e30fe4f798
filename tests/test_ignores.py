"""Ignores of the config: by rule, column and file, for a time, and told of where they are idle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Run

from dataguard.finding import Finding, Outcome, Severity, Status
from dataguard.ignores import Ignore, Ignores

ROWS = [f"{i},a text about thing {i * 37 % 101},{'Lyon' if i % 2 else 'Porto'}" for i in range(40)]
TABLE = "\n".join(["id,text,city", *ROWS, "40, blanks here,N/A", "41,and none here,N/A"]) + "\n"
SELECT = ("--fast", "--select", "FMT003,FMT004")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with `data/a.csv`, which has a FMT003 in `text` and a FMT004 in `city`."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def lint(run: Run, project: Path, ignore: str, *arguments: str) -> tuple[set[str], str]:
    """The codes that are reported under this config, and the last lines of the report."""
    (project / "dataguard.toml").write_text(ignore, encoding="utf-8")
    ended = run("lint", *(arguments or ("data/a.csv",)), *SELECT)
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout.decode()
    codes = {code for code in ("FMT003", "FMT004") if f"{code} " in told.partition("Next:")[0]}
    return codes, told.partition(" ran).\n")[2]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ('code = "FMT004"', {"FMT003"}),
        ('code = "disguised-missing"', {"FMT003"}),
        ('code = "FMT"', set()),
        ('code = ["FMT003", "fmt004"]', set()),
        ('column = "city"', {"FMT003"}),
        ('column = ["city", "text"]', set()),
        ('file = "data/*.csv"', set()),
        ('file = "a.csv"', set()),
        ('code = "FMT004"\ncolumn = "city"\nfile = "data/*"\nreason = "why"', {"FMT003"}),
        ('code = "FMT004"\nuntil = 9999-12-31', {"FMT003"}),
        ('code = "FMT004"\nuntil = "9999-12-31"', {"FMT003"}),
    ],
)
def test_an_ignore_leaves_out_what_all_its_keys_name(
    dataguard: Run, project: Path, ignore: str, left: set[str]
) -> None:
    assert lint(dataguard, project, f"[[ignore]]\n{ignore}\n") == (left, "")


def test_plain_codes_and_tables_may_stand_in_one_list(dataguard: Run, project: Path) -> None:
    config = 'ignore = ["FMT003", {code = "FMT004", column = "city"}]\n'
    assert lint(dataguard, project, config) == (set(), "")


def test_an_ignore_that_leaves_out_nothing_is_told(dataguard: Run, project: Path) -> None:
    config = '[[ignore]]\ncode = "FMT004"\ncolumn = "text"\nreason = "why"\n'
    codes, notes = lint(dataguard, project, config)
    assert codes == {"FMT003", "FMT004"}
    assert notes == (
        "Unused: ignore of FMT004, column `text` leaves out no finding; remove it from the config\n"
    )


def test_an_ignore_that_this_run_cannot_judge_is_not_called_unused(
    dataguard: Run, project: Path
) -> None:
    for ignore in ('code = "DUP001"', 'code = "FMT004"\nfile = "other/*.csv"'):
        assert lint(dataguard, project, f"[[ignore]]\n{ignore}\n")[1] == ""
    whole = '[[ignore]]\nfile = "other/*.csv"\n[datasets.d]\ntrain = "data/a.csv"\n'
    (project / "dataguard.toml").write_text(whole, encoding="utf-8")
    ended = dataguard("lint", *SELECT)
    assert ended.stdout.decode().splitlines()[-1].startswith("Unused: ignore of file 'other/*.csv'")


def test_files_handed_over_one_by_one_call_no_ignore_unused(dataguard: Run, project: Path) -> None:
    config = '[[ignore]]\ncode = "FMT004"\ncolumn = "text"\n'
    assert lint(dataguard, project, config, "data/a.csv", "--alone")[1] == ""


def test_an_expired_ignore_no_longer_holds_and_a_line_says_so(
    dataguard: Run, project: Path
) -> None:
    config = '[[ignore]]\ncode = "FMT004"\nuntil = 2020-01-31\nreason = "until the new export"\n'
    codes, notes = lint(dataguard, project, config)
    assert codes == {"FMT003", "FMT004"}
    assert notes == (
        "Expired on 2020-01-31, no longer held: ignore of FMT004 (reason: until the new export)\n"
    )


def test_notes_stand_beside_other_formats_and_change_no_exit_code(
    dataguard: Run, project: Path
) -> None:
    config = '[[ignore]]\ncode = "FMT004"\nuntil = 2020-01-31\n'
    (project / "dataguard.toml").write_text(config, encoding="utf-8")
    ended = dataguard("lint", "data/a.csv", *SELECT, "--format", "json")
    assert ended.returncode == 0
    assert ended.stderr.startswith(b"Expired on 2020-01-31")
    assert b"Expired" not in ended.stdout


@pytest.mark.parametrize(
    ("ignore", "told"),
    [
        ('code = "FMT999"', "ignore 1: no check 'FMT999'; did you mean 'FMT"),
        ('reason = "why"', "ignore 1 names no `code`, `column` or `file`"),
        ('code = "FMT004"\nuntil = "soon"', "ignore 1: `until` is a date, written as 2027-01-31"),
        ('code = "FMT004"\nuntil = 2027', "ignore 1: `until` is a date"),
        ('code = "FMT004"\nuntil = 2027-13-01', "not valid TOML"),
        ('code = "FMT004"\nuntl = 2027-01-31', "unknown key 'untl' in ignore; did you mean 'unti"),
        ("code = 4", "Expected `str | array`, got `int` (at ignore[0].code)"),
    ],
)
def test_a_wrong_ignore_is_one_line_and_2(
    dataguard: Run, project: Path, ignore: str, told: str
) -> None:
    (project / "dataguard.toml").write_text(f"[[ignore]]\n{ignore}\n", encoding="utf-8")
    ended = dataguard("lint", "data/a.csv", *SELECT)
    assert ended.returncode == 2
    assert told in ended.stderr.decode()
    assert ended.stderr.count(b"\n") == 1


def test_python_holds_the_ignores_of_the_config_that_it_is_given(project: Path) -> None:
    import dataguard

    config = project / "dataguard.toml"
    config.write_text('[[ignore]]\ncode = "FMT004"\n', encoding="utf-8")
    report = dataguard.lint(project / "data" / "a.csv", config=config, select="FMT", fast=True)
    assert "FMT004" not in {f.code for f in report.findings}
    assert "FMT003" in {f.code for f in report.findings}


# The rules themselves


def sifted(ignores: list[Ignore], *columns: str, today: date = date(2026, 1, 2)) -> bool:
    """Whether a finding on these columns is left out."""
    finding = Finding("FMT007", "x", Severity.INFO, "m", columns=columns, path="a.csv")
    outcome = Outcome("FMT007", "x", Status.RAN)
    return not Ignores(ignores, ".", today)([finding], ["a.csv"], [outcome])


def test_a_finding_on_several_columns_is_left_out_where_each_is_named() -> None:
    one, other = Ignore(columns=("a",)), Ignore(columns=("b", "c"))
    assert not sifted([one], "a", "b")
    assert sifted([one, other], "a", "b")
    assert not sifted([one, other])
    assert sifted([Ignore(codes=frozenset({"FMT007"}))], "a", "b")


def test_the_last_day_is_included() -> None:
    for until, left_out in ((date(2026, 1, 1), False), (date(2026, 1, 2), True)):
        assert sifted([Ignore(file="*.csv", until=until)], "a") is left_out


def test_a_finding_on_all_splits_is_in_every_file() -> None:
    finding = Finding("LEK001", "x", Severity.INFO, "m")
    outcome = Outcome("LEK001", "x", Status.RAN)
    for pattern, left in (("data/*", 0), ("data/train.csv", 1)):
        ignores = Ignores([Ignore(file=pattern)], ".", date(2026, 1, 2))
        kept = ignores([finding], ["data/train.csv", "data/test.csv"], [outcome])
        assert len(kept) == left
