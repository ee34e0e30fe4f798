"""The HTML report in a real browser: it fits, asks for nothing, complains of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, opened
from conftest import Run
from hostile import VALUES

WIDTHS = (360, 768, 1440)
PAGES = ("support", "hostile", "run", "several")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, folder: Path, dataguard: Run, root: Path) -> Path:
    """A page by name; each is made once."""
    name = str(request.param)
    path = folder / f"{name}.html"
    if not path.exists():
        make(name, path, dataguard, root)
    return path


def make(name: str, path: Path, dataguard: Run, root: Path) -> None:
    support = root / "examples" / "support"
    source = path.with_suffix(".csv")
    command: list[str | Path] = ["lint", source, "--format", "html", "--output", path, "--fast"]
    if name == "support":
        command = [
            "lint",
            support,
            "--label",
            "topic",
            *command[2:-1],
            "--select",
            "LAB,LEK,DUP,FMT",
        ]
    elif name == "several":
        command = ["lint", support / "train.csv", support / "test.csv", "--alone", *command[2:]]
    elif name == "hostile":
        write_hostile(source)
        command += ["--label", "label"]
    else:
        losses = [(i, 1 / (i + 1), 1 / (i + 1) + 0.02 * max(0, i - 8)) for i in range(30)]
        rows = "".join(f"{a},{b:.4f},{c:.4f}\n" for a, b, c in losses)
        source.write_text(f"epoch,train_loss,val_loss\n{rows}")
        command = ["watch", *command[1:-1]]
    assert dataguard(*command).returncode in (0, 1)


def write_hostile(path: Path) -> None:
    import csv

    cells = [value[:30_000].encode("utf-8", "replace").decode() for value in VALUES]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", cells[4], cells[7], "label"])
        for i, cell in enumerate(cells * 2):
            writer.writerow([f"some words of a text {cell}", cell, i, cells[i % 3 + 5]])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_fits_the_window_and_neither_asks_nor_complains(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width, dark=dark)
    assert browser.overflow() == 0
    assert browser.complaints() == []
    assert browser.requests() == [page.resolve().as_uri()]
    assert browser.run("return document.scripts.length") == 0
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(19, 23, 26)" if dark else "rgb(250, 249, 247)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_no_serious_fault(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width, dark=dark)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.violations() == []


def test_a_script_put_into_the_page_does_not_run(browser: Browser, folder: Path) -> None:
    """The policy holds even where something slipped through."""
    page = folder / "support.html"
    if not page.exists():
        pytest.skip("the page of the example was not made")
    broken = folder / "broken.html"
    bad = "<main id='content'><script>document.title = 'owned'</script>"
    bad += "<img src='x' onerror='document.title = 1'>"
    broken.write_text(page.read_text().replace('<main id="content">', bad))
    browser.open(broken, 768)
    assert browser.run("return document.title").startswith("dataguard: ")
    complaints = " ".join(browser.complaints())
    assert "script" in complaints
    assert "img-src" in complaints


def test_the_first_key_leads_past_the_links_and_findings_unfold_by_key(
    browser: Browser, folder: Path
) -> None:
    page = folder / "support.html"
    if not page.exists():
        pytest.skip("the page of the example was not made")
    browser.open(page, 768)
    browser.press("Tab")
    assert browser.run("return document.activeElement.className") == "skip"
    last = "const all = document.querySelectorAll('details'); const it = all[all.length - 1];"
    browser.run(f"{last} it.querySelector('summary').focus()")
    browser.press("Enter")
    assert browser.run(f"{last} return it.open") is True
