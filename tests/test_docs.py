"""What the documents say is true: output, tables, pages, options."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from conftest import Run

from dataguard.pages import index_markdown, page_of, write_docs
from dataguard.registry import load_checks

OUTPUT = re.compile(r"<!-- output: (.+?) -->\n```text\n(.*?)```\n<!-- output: end -->", re.DOTALL)


def test_the_output_in_the_readme_is_what_the_command_prints(dataguard: Run, root: Path) -> None:
    shown = OUTPUT.findall((root / "README.md").read_text(encoding="utf-8"))
    assert shown
    for line, expected in shown:
        program, *arguments = line.split()
        assert program == "dataguard"
        assert dataguard(*arguments, cwd=root).stdout.decode() == expected


def test_the_example_of_the_readme_covers_the_four_families(dataguard: Run, root: Path) -> None:
    ended = dataguard("lint", "examples/support", "--label", "topic", cwd=root)
    assert ended.returncode == 1
    families = set(re.findall(r"^([A-Z]{3})\d{3} ", ended.stdout.decode(), re.MULTILINE))
    assert {"DUP", "LAB", "FMT", "LEK"} <= families


def test_the_pages_and_the_index_are_current(root: Path, tmp_path: Path) -> None:
    checks = load_checks()
    readme = tmp_path / "README.md"
    readme.write_text((root / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    for path in write_docs(checks, tmp_path / "docs", readme):
        current = root / path.relative_to(tmp_path)
        assert current.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            f"{current.name} is stale: run `python -m dataguard.pages docs README.md`"
        )
    assert {p.stem for p in (root / "docs" / "checks").glob("*.md")} == set(checks)


def test_every_check_stands_in_the_index_of_the_readme(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    for code, check in load_checks().items():
        assert f"[{code}](docs/checks/{code}.md) | {check.name}" in readme
        assert code in index_markdown(load_checks())


def test_explain_prints_the_page_of_every_check(root: Path, dataguard: Run) -> None:
    for code, check in load_checks().items():
        page = (root / "docs" / "checks" / f"{code}.md").read_text(encoding="utf-8")
        assert page == page_of(check)
    one = dataguard("explain", "FMT005").stdout.decode()
    assert one == (root / "docs" / "checks" / "FMT005.md").read_text(encoding="utf-8")


def test_every_option_of_the_command_line_stands_in_its_contract(dataguard: Run) -> None:
    text = dataguard("lint", "--help").stdout.decode()
    for option in re.findall(r"dataguard lint[^\n]*?(--[a-z-]+)", text):
        assert option in text


def test_the_config_in_the_readme_is_valid(root: Path, tmp_path: Path) -> None:
    from dataguard.config import load_config
    from dataguard.project import project_of

    readme = (root / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert "dataguard" in tomllib.loads(block)["tool"]
    path = tmp_path / "pyproject.toml"
    path.write_text(block.replace('plugins = ["tools/my_check.py"]\n', ""), encoding="utf-8")
    settings = project_of(load_config(path)).settings()
    assert all(check.code != "SPL001" for check in settings.checks)


def test_the_python_in_the_readme_runs(root: Path) -> None:
    import pandas as pd

    readme = (root / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    words = [f"{a} {b} {c}" for a in "abcdefg" for b in "hijk" for c in "lmn"]
    frame = pd.DataFrame({"text": words, "sentiment": ["good", "bad"] * (len(words) // 2)})
    names = {"train_df": frame.iloc[:60], "test_df": frame.iloc[60:]}
    exec(block, names)
    assert len(names["clean"]) <= 60


def test_the_scaffold_writes_a_check_that_runs_and_is_not_done(tmp_path: Path) -> None:
    from dataguard.registry import load_checks
    from dataguard.scaffold import scaffold
    from dataguard.testing import assert_found, assert_quiet

    (tmp_path / "leakage").mkdir()
    path = scaffold("LEK", "leaky-timestamp", tmp_path)
    assert path == tmp_path / "leakage" / "leaky_timestamp.py"
    text = path.read_text(encoding="utf-8").replace("LEK001", "LEK901")
    path.write_text(text, encoding="utf-8")
    check = load_checks([path])["LEK901"]
    for example in check.good:
        assert_quiet(check, example)
    with pytest.raises(AssertionError, match="nothing found"):
        assert_found(check, check.bad[0])


def test_no_document_promises_what_is_not_there(root: Path) -> None:
    for path in [root / "README.md", *(root / "docs").rglob("*.md")]:
        assert not re.search(r"(?i)\b(todo|tbd|coming soon)\b", path.read_text(encoding="utf-8")), (
            path
        )
