"""The HTML report: one page that shows the data, loads nothing, runs nothing and stays small."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hostile import VALUES
from msgspec.structs import replace

from dataguard.finding import Finding, Outcome, Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.project import project_of
from dataguard.rendering import Style, render, visible
from dataguard.roles import GivenRoles
from dataguard.sources.frame import read_frame
from dataguard.webpage.facts import Record, Summary, Suspect
from dataguard.webpage.marking import marked, with_blanks

TAGS = set(
    re.findall(
        r"\S+",
        "html head meta title link style body a header div p h1 h2 h3 h4 b bdi span nav ul li main"
        " section ol small table thead tbody tr th td figure figcaption svg path rect mark i code"
        " article details summary dl dt dd footer",
    )
)
"""All elements of a page; none of them runs or loads anything by itself."""

ATTRIBUTES = set(
    re.findall(
        r"\S+",
        "lang charset http-equiv content name rel href class id aria-label aria-labelledby scope"
        " role viewbox d width height preserveaspectratio tabindex open data-label",
    )
)


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.policy = self.style = self.text = ""
        self.marks: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._inside.append(tag)
        named = dict(attrs)
        assert set(named) <= ATTRIBUTES
        self.links += [str(value) for name, value in attrs if name == "href"]
        self.ids += [str(value) for name, value in attrs if name == "id"]
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(named["content"])
        if tag in ("meta", "link", "path", "rect"):
            self._inside.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "style":
            self.style += data
            return
        if inside == "mark":
            self.marks.append(data)
        self.text += data


def linted(
    train: Mapping[str, Sequence[Any]],
    test: Mapping[str, Sequence[Any]] | None = None,
    *,
    summary: bool = True,
    select: tuple[str, ...] = ("DUP001", "DUP003", "LAB001", "LEK001", "LEK002"),
    **roles: Any,
) -> Report:
    tables = {"train": read_frame(train, name="train.csv")}
    if test is not None:
        tables["test"] = read_frame(test, name="test.csv")
    settings = replace(project_of(None), select=select).settings()
    return lint_tables("data", tables, GivenRoles(**roles), replace(settings, summary=summary))


def page_of(*reports: Report) -> Page:
    return Page(render("html", reports, Style()))


SENTENCES = [
    f"the {a} {b} {c}"
    for a in ("quick red", "small old", "very tired", "rather loud")
    for b in ("fox ran over the hill", "dog slept in the sun all day", "cat sat on the mat again")
    for c in ("while it was raining hard", "and nobody saw it happen", "before the guests came")
]


def texts() -> dict[str, list[Any]]:
    """Thirty-six texts with a copy and a near-copy, of two classes."""
    copies = [SENTENCES[3], SENTENCES[12].replace("old", "young")]
    return {
        "id": list(range(len(SENTENCES) + 2)),
        "text": [*SENTENCES, *copies],
        "price": [*(1.5 * i for i in range(36)), 4.5, None],
        "label": ["spam" if "loud" in s or "quick" in s else "ham" for s in [*SENTENCES, *copies]],
    }


LEAKED = {
    "id": [100, 101],
    "text": [SENTENCES[7], "a text of the test data that nobody has written before today"],
    "price": [10.5, 3.0],
    "label": ["spam", "ham"],
}


@pytest.fixture(scope="module")
def report() -> Report:
    return linted(texts(), LEAKED, label="label", text=("text",), id="id")


def test_the_policy_allows_the_page_s_own_style_and_nothing_else(report: Report) -> None:
    page = page_of(report)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert page.policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_every_link_leads_to_a_place_on_the_page(report: Report) -> None:
    page = page_of(report, report)
    assert page.tags <= TAGS
    assert len(page.ids) == len(set(page.ids))
    places = {f"#{name}" for name in page.ids} | {"data:,"}
    assert set(page.links) <= places


def test_the_verdict_comes_first_and_says_what_to_do(report: Report) -> None:
    page = page_of(report)
    assert "Do not train on this yet: 1 error and" in page.text
    assert "What to do first" in page.text
    first = page.text.index("Drop these rows from the training data, or split again")
    assert first < page.text.index("Findings by family") < page.text.rindex("All findings")


@pytest.mark.parametrize(
    ("severities", "status", "expected"),
    [
        ([Severity.ERROR, Severity.WARNING], Status.RAN, "Do not train on this yet: 1 error and 1"),
        ([Severity.WARNING] * 2, Status.RAN, "Look before you train: 2 warnings."),
        ([Severity.INFO], Status.RAN, "No error and no warning; 1 remark."),
        ([], Status.RAN, "Nothing found: 1 check is content."),
        ([], Status.SKIPPED, "Nothing was checked: no check ran."),
        ([Severity.ERROR], Status.CRASHED, "Not judged in full: 1 check crashed; 1 error so far."),
    ],
)
def test_the_verdict_is_one_sentence(
    report: Report, severities: list[Severity], status: Status, expected: str
) -> None:
    findings = tuple(
        Finding("DUP001", "duplicate-rows", s, "2 rows are copies") for s in severities
    )
    outcomes = (Outcome("DUP001", "duplicate-rows", status, "no reason"),)
    page = page_of(replace(report, findings=findings, outcomes=outcomes))
    assert expected in page.text


def test_columns_show_kind_missing_distinct_and_a_plot(report: Report) -> None:
    assert report.summary is not None
    train, test = report.summary.splits
    facts = {c.name: c for c in train.columns}
    assert [c.name for c in train.columns] == ["id", "text", "price", "label"]
    assert (facts["price"].kind, facts["price"].missing) == ("number", 1)
    assert facts["price"].histogram is not None
    assert sum(facts["price"].histogram.counts) == 37
    assert (facts["price"].histogram.low, facts["price"].histogram.high) == ("0", "52.5")
    assert (facts["label"].role, facts["label"].distinct) == ("label", 2)
    assert dict(facts["label"].values) == {"ham": 19, "spam": 19}
    assert train.classes == (("ham", 19), ("spam", 19))
    assert test.classes == (("ham", 1), ("spam", 1))
    page = page_of(report)
    assert "1 missing (2.6 %) · 36 distinct" in page.text


def test_words_of_texts_are_drawn_in_the_same_bins_for_all_splits(report: Report) -> None:
    assert report.summary is not None
    ((name, splits),) = report.summary.lengths
    assert name == "text"
    assert [split for split, _ in splits] == ["train", "test"]
    assert len({(h.low, h.high, len(h.counts)) for _, h in splits}) == 1


def test_copies_stand_side_by_side_and_what_differs_is_marked(report: Report) -> None:
    assert report.summary is not None
    groups = {c.code: c for c in report.summary.duplicates.clusters}
    rows = {code: [r.row for r in group.records] for code, group in groups.items()}
    assert rows["DUP001"] == [3, 36]
    assert {"old", "young"} <= set(page_of(report).marks)


def test_a_leaked_row_stands_beside_the_training_row(report: Report) -> None:
    assert report.summary is not None
    pair = next(c for c in report.summary.leaks.clusters if c.code == "LEK001")
    assert [(r.split, r.row) for r in pair.records] == [("train", 7), ("test", 0)]
    assert {dict(r.cells)["text"] for r in pair.records} == {SENTENCES[7]}


def test_wrong_labels_are_ranked_with_text_and_suggestion_and_confused() -> None:
    generator = random.Random(1)
    words = {"fruit": "apple pear plum fig", "tool": "saw axe file vice"}
    rest = re.findall(r"\w+", "old new big red from for with near under after before today very")
    labels = ["fruit", "tool"] * 80
    found = [
        " ".join([*generator.choices(words[label].split(), k=3), *generator.choices(rest, k=6)])
        for label in labels
    ]
    given = ["tool", *labels[1:]]
    report = linted(
        {"text": found, "label": given}, label="label", text=("text",), select=("LAB002",)
    )
    assert report.summary is not None
    worst = report.summary.suspects[0]
    assert (worst.record.row, worst.given, worst.suggested) == (0, "tool", "fruit")
    assert ("tool", "fruit", 1) in report.summary.confusion
    page = page_of(report)
    assert visible(found[0]) in page.text
    assert "Given against suggested labels" in page.text


def test_a_doubtful_label_of_a_table_without_text_stands_beside_its_numbers_alone() -> None:
    generator = random.Random(1)
    sizes = {
        name: [round(generator.gauss(2 * (i % 2), 1), 3) for i in range(400)] for name in "abcd"
    }
    labels = [("stays", "leaves")[i % 2 if i > 9 else 1 - i % 2] for i in range(400)]
    report = linted({**sizes, "label": labels}, label="label", select=("LAB002",))
    assert report.summary is not None
    worst = report.summary.suspects[0]
    rows = render("html", [report], Style()).split('<table class="suspects">')[1].split("</tr>")
    assert rows[1].count(worst.given) == 1
    assert f'<bdi class="cell">{sizes["a"][worst.record.row]}</bdi>' in rows[1]


def test_without_being_asked_for_nothing_is_gathered(report: Report) -> None:
    plain = linted(texts(), LEAKED, label="label", text=("text",), id="id", summary=False)
    assert plain.summary is None
    assert Settings(()).summary is False
    assert render("json", [plain], Style()) == render("json", [report], Style())
    assert "Classes by split" not in page_of(plain).text
    assert "All findings" in page_of(plain).text


def test_the_same_data_give_the_same_bytes(report: Report) -> None:
    again = linted(texts(), LEAKED, label="label", text=("text",), id="id")
    assert render("html", [again], Style()) == render("html", [report], Style())


def test_no_secret_and_no_personal_data_of_a_shown_row_stand_on_the_page() -> None:
    key = "AKIA" + "IOSFODNN7" + "EXAMPLE"
    train = texts()
    train["text"][3] = train["text"][36] = f"{SENTENCES[3]} jane.doe@example.com {key}"
    written = render("html", [linted(train, LEAKED, label="label")], Style())
    assert "jane.doe" not in written
    assert key not in written


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_hostile_value_is_text_wherever_it_stands(value: str) -> None:
    train = texts()
    train["text"] = [f"{value[:3000]} {text}" for text in train["text"]]
    train["label"] = [value if label == "ham" else f"not {value}" for label in train["label"]]
    train[f"a {value}"] = [value] * 38
    test = {name: values[:3] for name, values in train.items()}
    chosen = ("DUP001", "LAB003", "LEK001", "FMT007")
    report = linted(train, test, label="label", text=("text",), select=chosen)
    written = render("html", [replace(report, name=value)], Style())
    page = Page(written)
    assert page.tags <= TAGS
    assert all(link.startswith(("#", "data:,")) for link in page.links)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", page.text)
    assert visible(value[:20]) in page.text
    assert len(written) < 1_000_000


def huge(number: int) -> Report:
    """Two thousand findings of cells that are nothing but signs that take six characters each."""
    bad = "\u202e<&" * 300
    findings = tuple(
        Finding(
            f"{('LEK', 'LAB', 'DUP', 'FMT')[i % 4]}{i % 900:03}",
            "made-up",
            list(Severity)[i % 3],
            f"`{bad}` {bad}",
            "train",
            range(1000),
            1000,
            (bad,),
            evidence={"examples": [{"row": 1, "column": bad, "value": bad, "note": bad}] * 9},
            fix=bad,
            path=bad,
        )
        for i in range(number)
    )
    record = Record("train", 1, 2, ((bad, bad),) * 12)
    suspects = (Suspect(record, bad, bad, 0.9),) * 50
    outcomes = tuple(Outcome(f"DUP{i}", bad, Status.SKIPPED, f"{i}{bad}") for i in range(200))
    return Report(bad, findings, outcomes, (), {}, "0.1.0", Summary((), (), suspects, 900))


@pytest.mark.parametrize("datasets", [1, 3, 40])
def test_the_page_of_two_thousand_findings_is_smaller_than_a_megabyte(datasets: int) -> None:
    written = render("html", [huge(2000)] * datasets, Style())
    assert len(written.encode()) < 1_000_000
    assert re.search(r"And [\d,]+ more findings", written)


def test_long_equal_parts_of_two_texts_are_shortened_and_the_difference_is_kept() -> None:
    words = " ".join(f"w{i}" for i in range(120))
    left, right = marked(f"{words} old {words}", f"{words} new {words}")
    assert [p.text for p in left if p.differs] == ["old"]
    assert [p.text for p in right if p.differs] == ["new"]
    assert sum(len(p.text) for p in left) < 200


def test_blanks_that_nobody_would_see_are_marked() -> None:
    pieces = with_blanks("  a b  c\u00a0d ")
    assert [(p.text, p.differs) for p in pieces if p.differs] == [
        ("  ", True),
        ("  ", True),
        (visible("\u00a0"), True),
        (" ", True),
    ]
    assert "".join(p.text for p in pieces) == visible("  a b  c\u00a0d ")
    tables = {"train": read_frame({"city": ["Lima", "Lima ", "Quito", "Rome"]}, name="train")}
    report = lint_tables("data", tables, GivenRoles(), project_of(None).settings())
    assert "Lima<mark> </mark>" in render("html", [report], Style())


def test_lint_and_watch_write_a_page(dataguard: Run, tmp_path: Path, root: Path) -> None:
    page = tmp_path / "report.html"
    support = root / "examples" / "support"
    ended = dataguard(
        "lint", support, "--label", "topic", "--fast", "--format", "html", "--output", page
    )
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert "Classes by split" in Page(page.read_text(encoding="utf-8")).text
    log = tmp_path / "log.csv"
    losses = [(i, 1 / (i + 1), 1 / (i + 1) + 0.02 * max(0, i - 8)) for i in range(30)]
    log.write_text(
        "epoch,train_loss,val_loss\n" + "".join(f"{a},{b:.4f},{c:.4f}\n" for a, b, c in losses)
    )
    ended = dataguard("watch", log, "--format", "html", "--fail-on", "never")
    assert ended.returncode == 0
    written = ended.stdout.decode()
    assert "flagged at step" in written
    assert 'class="noise"' in written
    assert "Content-Security-Policy" in written


def test_the_page_of_a_log_without_a_finite_value_says_so(dataguard: Run, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,train_loss,val_loss\n0,nan,nan\n1,nan,nan\n")
    ended = dataguard("watch", log, "--format", "html")
    assert ended.returncode == 1
    assert "No finite value yet." in ended.stdout.decode()
