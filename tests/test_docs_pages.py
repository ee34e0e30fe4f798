"""The code on the pages of the documentation runs as it stands there, and links lead somewhere."""

from __future__ import annotations

import json
import random
import re
import tomllib
from pathlib import Path

import pytest
from conftest import Run

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("index", "plugins", *(f"recipes/{path.stem}" for path in (DOCS / "recipes").glob("*.md")))
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
    (tmp_path / "benchmark.jsonl").write_text("\n".join(pairs[:5]), encoding="utf-8")
    return tmp_path


def prepare(page: str, folder: Path) -> None:
    """The files whose columns differ from page to page."""
    if page == "recipes/time-series":
        lines = (folder / "series.csv").read_text(encoding="utf-8").splitlines()
        table(folder / "train.csv", lines[0], lines[1:240])
        table(folder / "test.csv", lines[0], lines[240:])
        return
    header = "question,answer" if page == "index" else "text,topic"
    for name, seed, rows in (("train.csv", 2, 160), ("test.csv", 3, 60)):
        table(folder / name, header, [f"{q},{a}" for q, a in messages(rows, seed)])


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page: str, workshop: Path, dataguard: Run) -> None:
    prepare(page, workshop)
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    known: dict[str, object] = {"__name__": "a_page"}
    for language, code in BLOCK.findall(text):
        if language == "sh":
            for line in code.splitlines():
                program, *arguments = line.split()
                assert program == "dataguard"
                ended = dataguard(*arguments, cwd=workshop)
                assert ended.returncode in (0, 1), (line, ended.stderr)
        elif language == "python":
            exec(compile(code, f"docs/{page}.md", "exec"), known)
        else:
            assert tomllib.loads(code)


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
