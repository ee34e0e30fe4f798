"""The code on the pages of the documentation runs as it stands there, and links lead somewhere."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
# Those of the monitor and of Great Expectations have tests of their own.
PAGES = (
    *(path.stem for path in sorted(DOCS.glob("*.md")) if path.stem != "great-expectations"),
    *(f"recipes/{path.stem}" for path in sorted((DOCS / "recipes").glob("*.md"))),
    "../README",
)
WRITTEN = {
    "index": ("clean.csv", "splits/train.csv", "splits/test.csv"),
    "fix": ("fixed.csv", "log.csv", "fixed/train.csv", "fixed/test.csv"),
    "split": ("parts/train.csv", "parts/test.csv"),
    "baseline": (".dataguard-baseline.json",),
    "init": ("dataguard.toml", ".pre-commit-config.yaml", ".github/workflows/dataguard.yml"),
    "report": ("report.html", "run.html"),
    "../README": ("rows.csv", "report.html", "out.sarif", "splits/test.csv", "suite.json"),
}
"""Files that the commands of a page write."""
BLOCK = re.compile(r"```(sh|python|toml)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

TOPICS = {
    "billing": ("invoice", "refund", "card", "receipt"),
    "delivery": ("parcel", "courier", "address", "shipment"),
}


def table(path: Path, header: str, rows: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def messages(rows: int, seed: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)
    topics = [draw.choice(list(TOPICS)) for _ in range(rows)]
    return [
        (f"my {draw.choice(TOPICS[topic])} number {draw.randrange(10**6)} is late", topic)
        for topic in topics
    ]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages name."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(0)
    visits = [f"P{n // 3:03d},{draw.randrange(20, 90)},{draw.choice('yn')}" for n in range(240)]
    header = "patient,age,readmitted"
    table(tmp_path / "visits" / "all.csv", header, visits)
    table(tmp_path / "visits" / "train.csv", header, visits[:180])
    table(tmp_path / "visits" / "test.csv", header, visits[180:])
    images = [f"img/{n}.png,{draw.choice(('cat', 'dog'))},P{n // 3:03d}" for n in range(90)]
    table(tmp_path / "images" / "train.csv", "path,label,patient", images[:60])
    table(tmp_path / "images" / "test.csv", "path,label,patient", images[60:])
    days = [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d},{draw.randrange(50, 90)}" for n in range(300)]
    table(tmp_path / "series.csv", "day,demand", days)
    pairs = [json.dumps({"question": q, "answer": a}) for q, a in messages(120, 1)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(pairs), encoding="utf-8")
    (tmp_path / "answers.jsonl").write_text("\n".join(pairs), encoding="utf-8")
    (tmp_path / "benchmark.jsonl").write_text("\n".join(pairs[:5]), encoding="utf-8")
    return tmp_path


def prepare(page: str, folder: Path) -> None:
    """The files that differ from page to page."""
    if page == "init":
        return
    if page == "recipes/time-series":
        lines = (folder / "series.csv").read_text(encoding="utf-8").splitlines()
        table(folder / "train.csv", lines[0], lines[1:240])
        table(folder / "test.csv", lines[0], lines[240:])
        return
    header = {"index": "question,answer", "../README": "text,label"}.get(page, "text,topic")
    for name, seed, rows in (("train.csv", 2, 160), ("test.csv", 3, 60), ("new.csv", 4, 60)):
        lines = [f"{q},{a}" for q, a in messages(rows, seed)]
        table(folder / name, header, lines)
        if name != "new.csv":
            table(folder / "data" / name, header, [*lines, lines[0], f"  {lines[1]}"])
    lines = [
        f"{q},{a},u{n // 4},2024-{1 + n // 28:02d}-{1 + n % 28:02d}"
        for n, (q, a) in enumerate(messages(300, 5))
    ]
    table(folder / "data.csv", "text,topic,user_id,created_at", [*lines, lines[0]])
    losses = [f"{n},{1 / (n + 1):.4f},{1 / (n + 1) + 0.001 * n * n:.4f}" for n in range(40)]
    table(folder / "metrics.csv", "epoch,train_loss,val_loss", losses)
    if page == "baseline":
        config = '[datasets.topics]\ntrain = "train.csv"\ntest = "test.csv"\n'
        (folder / "dataguard.toml").write_text(config, encoding="utf-8")
    if page == "report":
        shutil.copytree(DOCS.parent / "examples", folder / "examples")


def ran(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of a page, given to a shell in which `dataguard` is the one under test."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "80"}
    return subprocess.run(
        ["sh", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page: str, workshop: Path) -> None:
    if page == "../README":
        pytest.importorskip("great_expectations", reason="needs GX: pip install '.[test]'")
    prepare(page, workshop)
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    known: dict[str, object] = {"__name__": "a_page"}
    for language, code in BLOCK.findall(text):
        if language == "sh":
            for line in code.splitlines():
                assert line.startswith("dataguard ")
                ended = ran(line, workshop)
                assert ended.returncode in (0, 1), (line, ended.stdout, ended.stderr)
                assert "Traceback" not in ended.stderr
        elif language == "python" and page != "../README":  # those are run by test_docs
            exec(compile(code, f"docs/{page}.md", "exec"), known)
        elif language == "toml":
            assert tomllib.loads(code)
    assert [name for name in WRITTEN.get(page, ()) if not (workshop / name).is_file()] == []


def test_the_config_of_the_pages_is_valid(workshop: Path) -> None:
    from dataguard.config import load_config
    from dataguard.project import project_of

    prepare("plugins", workshop)
    seen = 0
    for page in PAGES:
        for language, code in BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8")):
            if language == "toml" and "tool.dataguard" in code:
                (workshop / "pyproject.toml").write_text(code, encoding="utf-8")
                load = load_config(workshop / "pyproject.toml")
                if "plugins" not in code:
                    project_of(load).settings()
                seen += 1
    assert seen >= 3


def test_every_piece_of_config_on_any_page_can_be_read() -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install '.[test]'")
    readers = {"toml": tomllib.loads, "json": json.loads, "yaml": yaml.safe_load}
    seen = dict.fromkeys(readers, 0)
    for page in [*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]:
        blocks = re.findall(r"```(toml|json|yaml)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for language, text in blocks:
            assert readers[language](text), (page.name, text)
            seen[language] += 1
    assert min(seen.values()) >= 1


def test_every_link_between_the_documents_leads_to_a_file() -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_stands_in_the_menu_of_the_site() -> None:
    menu = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    made = {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")}
    generated = {p for p in made if re.search(r"/[A-Z]{3}\d{3}\.md$", p)}
    assert [page for page in sorted(made - generated) if page not in menu] == []
    named = re.findall(r": ([a-z/-]+\.md)$", menu, re.MULTILINE)
    assert [page for page in named if page not in made] == []
