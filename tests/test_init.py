"""`dataguard init`: what it finds in a folder, writes, and leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from dataguard.config import config_of
from dataguard.starting import Found, config_text, look

ROWS = [f"{i},a text about thing {i * 37 % 101},{'yes' if i % 3 else 'no'}" for i in range(40)]
TRAIN = "\n".join(["id,text,label", *ROWS]) + "\n"
TEST = "\n".join(["id,text,label", "90,another text of mine,yes", ROWS[0]]) + "\n"
HOOKS, FLOW = ".pre-commit-config.yaml", ".github/workflows/dataguard.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with data in `data/` and things that are no data."""
    for path in ("data/train.csv", "data/test.csv", ".venv/lib/x.csv", "node_modules/y.csv"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(TEST if "test" in path else TRAIN, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "x"}\n', encoding="utf-8")
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_init_writes_a_config_hooks_and_a_workflow_and_shows_a_first_run(
    dataguard: Run, project: Path
) -> None:
    ended = dataguard("init")
    told = ended.stdout.decode()
    assert (ended.returncode, ended.stderr) == (0, b"")
    for name in ("dataguard.toml", HOOKS, FLOW):
        assert f"Wrote {name}\n" in told
    config = tomllib.loads((project / "dataguard.toml").read_text(encoding="utf-8"))
    assert config["datasets"] == {"data": {"train": "data/train.csv", "test": "data/test.csv"}}
    assert '# label = "label"\n' in (project / "dataguard.toml").read_text(encoding="utf-8")
    assert "LEK001 test-row-in-train  data/test.csv:3" in told
    linted = dataguard("lint", "--fast")
    assert linted.stdout.decode() in told


def test_a_pyproject_without_our_table_gets_it_at_its_end(dataguard: Run, project: Path) -> None:
    for before in ('[project]\nname = "x"', '[project]\r\nname = "x"\r\n', ""):
        path = project / "pyproject.toml"
        path.write_bytes(before.encode())
        assert b"Added to the end of pyproject.toml" in dataguard("init").stdout
        after = path.read_bytes().decode()
        assert after.startswith(before)
        assert ("\r\n" in after) == ("\r\n" in before)
        assert after.count("\n") == after.count("\r\n") or "\r\n" not in before
        assert tomllib.loads(after)["tool"]["dataguard"]["datasets"]["data"]
    assert not (project / "dataguard.toml").exists()


def test_nothing_that_is_there_is_changed_by_a_second_init(dataguard: Run, project: Path) -> None:
    dataguard("init")
    before = tree(project)
    told = dataguard("init").stdout.decode()
    assert tree(project) == before
    for name in ("dataguard.toml", HOOKS, FLOW):
        assert f"Kept {name}\n" in told


def test_files_of_others_are_kept_and_the_entry_is_shown(dataguard: Run, project: Path) -> None:
    (project / HOOKS).write_text("repos: []\n", encoding="utf-8")
    (project / "pyproject.toml").write_text("[tool.dataguard]\nfast = true\n", encoding="utf-8")
    told = dataguard("init").stdout.decode()
    assert "Kept pyproject.toml; it names no data set; add these, or name files" in told
    assert "\n    [tool.dataguard.datasets." in told
    assert f"Kept {HOOKS}; add this under `repos`:\n" in told
    assert "      - id: dataguard-lint " in told
    assert (project / HOOKS).read_text(encoding="utf-8") == "repos: []\n"
    assert "the config names none" in told


def test_a_dry_run_shows_the_same_and_writes_nothing(dataguard: Run, project: Path) -> None:
    before = tree(project)
    dry = dataguard("init", "--dry-run").stdout.decode()
    assert tree(project) == before
    wet = dataguard("init").stdout.decode()
    assert dry.partition("A first run")[2] == wet.partition("A first run")[2]
    for line in (project / "dataguard.toml").read_text(encoding="utf-8").splitlines():
        assert f"    {line}".rstrip() in dry.splitlines()
    assert "Would write dataguard.toml:\n" in dry


def test_the_hooks_and_the_workflow_are_valid(dataguard: Run, project: Path, root: Path) -> None:
    dataguard("init")
    command = [sys.executable, "-m", "pre_commit", "validate-config", HOOKS]
    done = subprocess.run(command, cwd=project, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    ours = {h["id"] for h in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    (repo,) = yaml.safe_load((project / HOOKS).read_text(encoding="utf-8"))["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= ours
    flow = yaml.safe_load((project / FLOW).read_text(encoding="utf-8"))
    (job,) = flow["jobs"].values()
    assert flow["permissions"]["security-events"] == "write"
    assert [s["uses"].partition("@")[0] for s in job["steps"]][-1] == "dataguard/dataguard"


def test_inside_a_repository_its_own_files_are_shown_not_written(
    dataguard: Run, project: Path
) -> None:
    (project / ".git").mkdir()
    told = dataguard("init", "data").stdout.decode()
    assert (project / "data" / "dataguard.toml").is_file()
    assert not (project / "data" / HOOKS).exists()
    assert "is the top of the repository; put this there:" in told
    config = tomllib.loads((project / "data" / "dataguard.toml").read_text(encoding="utf-8"))
    assert config["datasets"] == {"data": {"train": "train.csv", "test": "test.csv"}}
    assert "LEK001" in told


def test_an_empty_folder_gets_an_example(dataguard: Run, tmp_path: Path) -> None:
    told = dataguard("init")
    assert told.returncode == 0
    assert b"No data sets to lint" in told.stdout
    text = (tmp_path / "dataguard.toml").read_text(encoding="utf-8")
    assert '# train = "data/train.csv"' in text
    assert tomllib.loads(text) == {"fail-on": "error"}


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"[project", b"not valid TOML"), (b"\xff\xfe", b"is not valid UTF-8")],
)
def test_a_broken_pyproject_is_one_line_and_2(
    dataguard: Run, tmp_path: Path, content: bytes, told: bytes
) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    ended = dataguard("init")
    assert ended.returncode == 2
    assert told in ended.stderr
    assert ended.stderr.count(b"\n") == 1
    assert list(tree(tmp_path)) == ["pyproject.toml"]
    assert dataguard("init", "gone").returncode == 2


def test_a_file_that_cannot_be_read_does_not_stop_the_others(dataguard: Run, project: Path) -> None:
    (project / "data" / "empty.csv").write_bytes(b"")
    (project / "data" / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    ended = dataguard("init")
    assert ended.returncode == 0
    assert b"LEK001" in ended.stdout
    assert b"Traceback" not in ended.stderr


def test_a_file_without_a_record_is_left_out_with_a_line(dataguard: Run, project: Path) -> None:
    (project / "rows.csv").write_text("dataset,split,row\n", encoding="utf-8")
    ended = dataguard("init", cwd=project)
    assert ended.returncode == 0
    assert b"left out: rows.csv: holds no record" in ended.stdout
    assert "rows.csv" not in (project / "dataguard.toml").read_text(encoding="utf-8")


def test_folders_are_looked_into_in_the_order_of_their_names() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("b/x.csv", "a/y.csv", "a/b/c/z.csv", "a/b/c/d/too_deep.csv", "b/train/x.csv"):
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(TRAIN, encoding="utf-8")
        found, notes = look(Path(folder))
        paths = [list(one.splits.values()) for one in found]
        assert paths == [["a/y.csv"], ["a/b/c/z.csv"], ["b/train/x.csv"], ["b/x.csv"]]
        assert len({one.name for one in found}) == 4
        assert notes == []


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(NAMES, NAMES, st.sampled_from(["", "tool.dataguard"]))
def test_any_path_and_column_gives_a_config_that_means_them(
    path: str, column: str, prefix: str
) -> None:
    found = Found("d", {"train": path}, {"label": (column,), "text": (column, column)})
    text = config_text([found], prefix=prefix)
    for line in ("# label", "# text"):
        text = text.replace(line, line[2:])
    table = tomllib.loads(text)
    table = table["tool"]["dataguard"] if prefix else table
    dataset = config_of(table, Path("dataguard.toml")).datasets["d"]
    assert dataset.train == path
    assert dataset.label == column
    assert dataset.text == [column, column]


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode there")
def test_a_name_that_is_not_unicode_is_left_out_with_a_line(dataguard: Run, project: Path) -> None:
    (project / "data" / os.fsdecode(b"\xff.csv")).write_text(TRAIN, encoding="utf-8")
    ended = dataguard("init", "--dry-run")
    assert ended.returncode == 0
    assert b"its name is not valid Unicode" in ended.stdout
