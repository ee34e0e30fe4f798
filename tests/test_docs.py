"""What the documents say is true: output, tables, pages, options."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Run
from typer.testing import CliRunner

from dataguard.cli import application
from dataguard.monitor.core import known_rules
from dataguard.pages import write_docs
from dataguard.registry import load_checks

if TYPE_CHECKING:
    import pandas as pd

SAID = re.compile(r"^(?:dataguard|The monitor) says:\n\n```text\n(.*?)\n```\n", re.M | re.S)
BLOCK = re.compile(r"^```text\n(.+?)\n```$", re.MULTILINE | re.DOTALL)
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
    pytest.importorskip("great_expectations", reason="needs it for GXE001: pip install '.[test]'")
    checks = load_checks()
    readme = tmp_path / "README.md"
    readme.write_text((root / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    for path in write_docs(checks, known_rules(), tmp_path / "docs", readme):
        current = root / path.relative_to(tmp_path)
        assert current.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            f"{current.name} is stale: run `python -m dataguard.pages docs README.md`"
        )
    assert {p.stem for p in (root / "docs" / "checks").glob("*.md")} == set(checks)
    rules = {p.stem for p in (root / "docs" / "monitor").glob("MON*.md")}
    assert rules == {rule.code for rule in known_rules()}


def test_every_check_stands_in_the_index_of_the_readme(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    for code, check in load_checks().items():
        assert f"[{code}](docs/checks/{code}.md) {check.name}" in readme


def test_explain_prints_the_page_of_every_check(root: Path) -> None:
    for code, check in load_checks().items():
        page = (root / "docs" / "checks" / f"{code}.md").read_text(encoding="utf-8")
        for name in (code, code.lower(), check.name):
            ended = CliRunner().invoke(application(), ["explain", name])
            assert (ended.exit_code, ended.stdout) == (0, _unspoken(page))


def _unspoken(page: str) -> str:
    """The page without what is said of its example, for which the example has to be run."""
    return SAID.sub("This is reported.\n", page, count=1)


def test_the_page_of_every_check_shows_a_fault_what_is_said_of_it_and_data_without_it(
    root: Path,
) -> None:
    for code, check in load_checks().items():
        page = (root / "docs" / "checks" / f"{code}.md").read_text(encoding="utf-8")
        _, _, section = page.partition("\n## Example\n")
        bad, output, good = _parts(section)
        assert BLOCK.findall(bad)
        assert re.search(rf"^(ERROR|WARNING|INFO) \(\d\)\n\n{code} {check.name}  ", output), code
        assert "/tmp" not in output
        assert BLOCK.findall(good)
        assert max(map(len, output.splitlines())) <= 80 or not output.isascii()


def test_the_page_of_every_rule_shows_a_run_that_it_flags_and_one_that_none_does(
    root: Path,
) -> None:
    for rule in known_rules():
        page = (root / "docs" / "monitor" / f"{rule.code}.md").read_text(encoding="utf-8")
        _, _, section = page.partition("\n## Example\n")
        bad, output, good = _parts(section)
        assert re.match(rf"{rule.code} {rule.name}  step \d+\n  ", output)
        for curves in (bad, good):
            assert re.search(r"^step +0 .*\n(train|val)_loss +\d", curves, re.MULTILINE)
            assert max(map(len, curves.splitlines())) <= 80


def _parts(section: str) -> tuple[str, str, str]:
    """The bad example of a page, what is said of it, the good example."""
    found = SAID.search(section)
    assert found is not None
    after = section[found.end() :]
    assert after.startswith("\nNothing is said of this:")
    return section[: found.start()], found[1], after


def test_explain_prints_the_page_of_every_rule_of_the_monitor(root: Path) -> None:
    for rule in known_rules():
        page = (root / "docs" / "monitor" / f"{rule.code}.md").read_text(encoding="utf-8")
        for name in (rule.code, rule.name):
            ended = CliRunner().invoke(application(), ["explain", name])
            assert (ended.exit_code, ended.stdout) == (0, _unspoken(page))


def test_the_options_that_the_documents_name_are_there(root: Path, dataguard: Run) -> None:
    names = [
        command.name or command.callback.__name__ for command in application().registered_commands
    ]
    helps = [dataguard(name, "--help").stdout.decode() for name in names]
    shown = set(re.findall(r"--[a-z-]+", "".join(helps)))
    pages = (root / "docs" / "checks").glob("*.md")
    readme, design = root / "README.md", root / "docs" / "design.md"
    for path in [readme, design, root / ".pre-commit-hooks.yaml", *pages]:
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        assert named <= shown, f"{path.name}: {named - shown}"


def test_the_paths_that_the_documents_name_are_there(root: Path) -> None:
    for name in ("README.md", "docs/design.md"):
        text = (root / name).read_text(encoding="utf-8")
        paths = re.findall(r"`((?:dataguard|checks|reports|tests|docs)/[a-z0-9_./-]*)`", text)
        assert paths
        assert [path for path in paths if not (root / path).exists()] == []


def test_the_ci_steps_of_the_readme_reach_the_upload(
    root: Path, dataguard: Run, tmp_path: Path
) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if "upload" in b)
    (tmp_path / "dataguard.toml").write_text(
        '[datasets.one]\ntrain = "train.csv"\n', encoding="utf-8"
    )
    (tmp_path / "train.csv").write_text("text,label\na b,x\nc d\n", encoding="utf-8")
    steps = re.findall(r"run: dataguard (lint .*?) +#", block)
    codes = [dataguard(*step.split(), cwd=tmp_path).returncode for step in steps]
    assert codes == [0, 1]
    assert (tmp_path / "dataguard.sarif").is_file()
    assert "if: always()" in block.partition("upload-sarif")[2]


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


PRAISE = ["lovely", "wonderful", "delightful", "excellent", "superb", "charming", "pleasant"]
BLAME = ["dreadful", "awful", "boring", "terrible", "tedious", "horrible", "miserable"]
THINGS = ["film", "book", "meal", "hotel", "concert", "phone", "trip", "game", "lamp", "garden"]


def _reviews(rows: int, seed: int, flipped: int, first: int) -> pd.DataFrame:
    """Reviews whose words tell the sentiment, but for the row `flipped`; indexed from `first`."""
    import pandas as pd

    draw = Random(seed).choice
    said = [PRAISE if i % 2 else BLAME for i in range(rows)]
    texts = [f"the {draw(THINGS)} was {draw(w)} and the {draw(THINGS)} {draw(w)}" for w in said]
    labels = [
        "good" if (words is PRAISE) != (i == flipped) else "bad" for i, words in enumerate(said)
    ]
    columns = {"text": texts, "sentiment": labels}
    return pd.DataFrame(columns, index=range(first, first + rows))


def test_the_python_in_the_readme_drops_the_wrong_training_rows_alone(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "lint(" in b)
    train, test = _reviews(200, 1, 17, 1000), _reviews(100, 2, 40, 5000)
    names: dict[str, Any] = {"train_df": train, "test_df": test}
    exec(block, names)
    rows = names["report"].rows().query("code == 'LAB002'")
    assert set(zip(rows["split"], rows["row"], strict=True)) == {("train", 17), ("test", 40)}
    assert names["clean"].index.tolist() == [i for i in train.index if i != 1017]


def test_the_training_loop_in_the_readme_stops_where_the_model_overfits(root: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install '.[test]'")
    readme = (root / "README.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "Torch" in b)
    torch.manual_seed(0)
    inputs = torch.randn(400, 20)
    labels = (inputs[:, 0] + torch.randn(400) > 0).long()
    model = torch.nn.Sequential(torch.nn.Linear(20, 200), torch.nn.ReLU(), torch.nn.Linear(200, 2))
    loss = torch.nn.CrossEntropyLoss()
    rows = torch.utils.data.TensorDataset(inputs[:60], labels[:60])
    names: dict[str, Any] = {
        "model": model,
        "epochs": 200,
        "optimiser": torch.optim.Adam(model.parameters(), 0.003),
        "loss_function": loss,
        "train_loader": torch.utils.data.DataLoader(rows, batch_size=20, shuffle=True),
        "validate": lambda model: float(loss(model(inputs[60:]), labels[60:]).detach()),
    }
    exec(block, names)
    assert names["verdict"].should_stop
    assert names["epoch"] < 100
    best = names["watch"].monitor.best
    assert names["validate"](model) == pytest.approx(best)


def test_the_scaffold_writes_a_check_that_runs_and_is_not_done(tmp_path: Path) -> None:
    from dataguard.registry import load_checks
    from dataguard.scaffold import scaffold
    from dataguard.testing import assert_found, assert_quiet

    (tmp_path / "leakage").mkdir()
    code, path = scaffold("LEK", "leaky-timestamp", tmp_path)
    assert (code, path) == ("LEK001", tmp_path / "leakage" / "leaky_timestamp.py")
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
