"""The config: found, read strictly, joined with what the command line says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run

from dataguard.config import load_config
from dataguard.errors import ConfigError
from dataguard.project import find_config

ROWS = "text,mark\nthe cat sat,a\nthe dog ran,b\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selct = ['FIL']", "unknown key 'selct'; did you mean 'select'?"),
        ("fast = 'yes'", "Expected `bool`, got `str` (at fast)"),
        ("[datasets.d]\ntrian = 'a.csv'", "unknown key 'trian' in datasets.d"),
        ("[datasets.d]\ntest = 'a.csv'", "missing required field `train`"),
        ("= 1", "not valid TOML"),
        ("root = 'x'", "unknown key 'root'"),
        ("fail-on = 'errors'", "fail-on: no level 'errors'; did you mean 'error'?"),
    ],
)
def test_a_wrong_config_is_one_line_that_helps(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path / "dataguard.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[checks.LAB999]\nseverity = 'info'", "no check 'LAB999'"),
        ("[checks.DUP003]\nthresold = 0.9", "has no option 'thresold'; did you mean 'threshold'"),
        ("[checks.DUP003]\nthreshold = 2.0", "the largest value allowed is 1"),
        ("[checks.DUP003]\nthreshold = 'a'", "takes a value of type float"),
        ("[checks.DUP003]\nseverity = 'bad'", "no level 'bad'"),
        ("select = ['NOPE']", "no check 'NOPE'"),
        ("[per-file-ignores]\n'*.csv' = ['F']", "per-file-ignores.'*.csv': no check 'F'"),
        ("seed = -1", "the seed is -1; it must be at least 0"),
        ("plugins = ['gone.py']", "gone.py: there is no such file; paths are relative to the"),
        ("plugins = ['.']", "is a directory; name a Python file"),
        ("plugins = ['dataguard.toml']", "is not a Python file"),
    ],
)
def test_wrong_settings_of_checks_end_with_2(
    dataguard: Run, tmp_path: Path, text: str, told: str
) -> None:
    write(tmp_path / "dataguard.toml", text)
    write(tmp_path / "a.csv", ROWS)
    ended = dataguard("lint", "a.csv")
    assert ended.returncode == 2
    assert told in ended.stderr.decode()
    assert ended.stderr.count(b"\n") == 1


@pytest.mark.parametrize("text", ["[checks.DUP003]\nthresold = 0.9", "[[ignore]]\nreason = 'x'"])
def test_wrong_settings_of_checks_name_the_file_that_they_stand_in(
    dataguard: Run, tmp_path: Path, text: str
) -> None:
    config = write(tmp_path / "dataguard.toml", text)
    write(tmp_path / "inner" / "a.csv", ROWS)
    ended = dataguard("lint", "inner/a.csv")
    assert ended.stderr.decode().startswith(f"error: {config}: ")


def test_the_nearest_config_wins_and_a_foreign_pyproject_does_not_count(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.dataguard]\nfast = true\n")
    write(tmp_path / "inner" / "pyproject.toml", "[tool.other]\n")
    assert find_config(tmp_path / "inner") == tmp_path / "pyproject.toml"
    nearer = write(tmp_path / "inner" / "dataguard.toml", "")
    assert find_config(tmp_path / "inner") == nearer


def test_a_dataset_of_the_config_gives_splits_and_roles(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "data" / "a.csv", ROWS)
    write(tmp_path / "data" / "b.csv", ROWS)
    write(
        tmp_path / "pyproject.toml",
        "[tool.dataguard.datasets.pets]\n"
        "train = 'data/a.csv'\ntest = 'data/b.csv'\nlabel = 'mark'\n",
    )
    for arguments in ((), ("data/a.csv", "data/b.csv"), (str(tmp_path / "data"),)):
        ended = dataguard("lint", *arguments, "--format", "json")
        (dataset,) = json.loads(ended.stdout)["datasets"]
        assert dataset["name"] == "pets"
        assert [s["split"] for s in dataset["sources"]] == ["train", "test"]
        assert dataset["roles"]["label"] == {"columns": ["mark"], "inferred": False}


def test_roles_of_the_config_hold_for_a_file_that_is_linted_alone(
    dataguard: Run, tmp_path: Path
) -> None:
    write(tmp_path / "a.csv", ROWS)
    write(tmp_path / "dataguard.toml", "[datasets.pets]\ntrain = 'a.csv'\nlabel = 'mark'\n")
    ended = dataguard("lint", "--alone", "a.csv", "--format", "json")
    (dataset,) = json.loads(ended.stdout)["datasets"]
    assert dataset["roles"]["label"]["columns"] == ["mark"]


def test_severity_ignores_and_fail_on_come_from_the_config(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,mark\nthe cat sat,a\nthe dog ran\n")
    config = tmp_path / "dataguard.toml"
    assert dataguard("lint", "a.csv").returncode == 1
    write(config, "[checks.FIL004]\nseverity = 'warning'\n")
    assert dataguard("lint", "a.csv").returncode == 0
    write(config, "fail-on = 'warning'\n[checks.FIL004]\nseverity = 'warning'\n")
    assert dataguard("lint", "a.csv").returncode == 1
    write(config, "[per-file-ignores]\n'*.csv' = ['FIL004']\n")
    assert b"FIL004" not in dataguard("lint", "a.csv").stdout
    write(config, "ignore = ['FIL']\n")
    assert b"FIL004" not in dataguard("lint", "a.csv").stdout


def test_ignores_for_files_are_relative_to_the_config(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "data" / "a.csv", "text,mark\nthe cat sat,a\nthe dog ran\n")
    config = "[per-file-ignores]\n'data/*.csv' = ['ragged-rows', 'DUP']\n"
    write(tmp_path / "dataguard.toml", config)
    for path, folder in (
        ("a.csv", tmp_path / "data"),
        ("./data/../data/a.csv", tmp_path),
        (str(tmp_path / "data" / "a.csv"), tmp_path),
    ):
        assert b"FIL004" not in dataguard("lint", path, cwd=folder).stdout, path
    write(tmp_path / "dataguard.toml", config.replace("data/*", "other/*"))
    assert b"FIL004" in dataguard("lint", "a.csv", cwd=tmp_path / "data").stdout


PLUGIN = '''
from dataguard.api import At, Check, Example, Severity

class Shouting(Check):
    """A cell is written in capitals."""

    code = "MY001"
    name = "shouting-cell"
    severity = Severity.WARNING
    bad = (Example(train={"t": ["LOUD"]}, expect=(At("train", row=0),)),)
    good = (Example(train={"t": ["quiet"]}),)

    async def run(self, data):
        for split in data.splits:
            for column in split.columns:
                hits = await split.rows(column.text.str.contains("^[A-Z]{4,}$"))
                if hits.count:
                    yield self.finding("shouts", split=split, rows=hits.rows)
'''


def test_a_plugin_file_adds_a_check(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "mine.py", PLUGIN)
    write(tmp_path / "dataguard.toml", "plugins = ['mine.py']\n")
    write(tmp_path / "a.csv", "t,u\nLOUD,1\nquiet,2\n")
    ended = dataguard("lint", "a.csv", "--select", "MY")
    assert b"MY001 shouting-cell  a.csv:2" in ended.stdout


def test_a_plugin_with_a_taken_code_is_refused(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "mine.py", PLUGIN.replace("MY001", "DUP001"))
    write(tmp_path / "dataguard.toml", "plugins = ['mine.py']\n")
    write(tmp_path / "a.csv", ROWS)
    ended = dataguard("lint", "a.csv")
    assert ended.returncode == 2
    assert b"two checks have the code DUP001" in ended.stderr


def test_a_plugins_check_stands_in_every_list_of_checks(dataguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "mine.py", PLUGIN)
    write(tmp_path / "dataguard.toml", "plugins = ['mine.py']\n")
    write(tmp_path / "a.csv", "t,u\nLOUD,1\nquiet,2\n")
    assert dataguard("explain", "MY001").stdout.startswith(b"# MY001 shouting-cell")
    assert b"MY001  shouting-cell" in dataguard("checks").stdout
    ended = dataguard("lint", "a.csv", "--select", "MY", "--format", "sarif")
    (rule,) = json.loads(ended.stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "A cell is written in capitals."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('    name = "shouting-cell"\n', "", "Shouting has no `name` of type str"),
        ("Severity.WARNING", "'warning'", "Shouting has no `severity` of type Severity"),
        ('"MY001"', '"mine"', "'mine' is no code"),
        ("async def run", "async def walk", "Shouting has no `run`"),
    ],
)
def test_a_plugin_that_is_not_whole_is_refused(
    dataguard: Run, tmp_path: Path, old: str, new: str, told: str
) -> None:
    write(tmp_path / "mine.py", PLUGIN.replace(old, new))
    write(tmp_path / "dataguard.toml", "plugins = ['mine.py']\n")
    ended = dataguard("checks")
    assert ended.returncode == 2
    assert told in ended.stderr.decode()
    assert ended.stderr.startswith(b"error: check ")
    assert ended.stderr.count(b"\n") == 1
