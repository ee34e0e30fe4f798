"""What every report format must keep, whatever the data hold."""

from __future__ import annotations

import json
import math
import re
from array import array
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hostile import VALUES
from msgspec.structs import replace

from dataguard.finding import (
    Finding,
    Outcome,
    Report,
    RoleInfo,
    Severity,
    SourceInfo,
    Status,
)
from dataguard.rendering import Style, formats, notebook, render

HERE = Path(__file__).parent
REPORTS = HERE.parent / "reports"

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\ud800-\udfff\uffff]"
)
"""Characters that must not stand in any output; the line feed parts lines."""

PLAIN = ("text", "github")
"""Formats that no page shows: a tag is text there."""


def finding_of(text: str, severity: Severity = Severity.WARNING, **changes: Any) -> Finding:
    made = Finding(
        code="DUP001",
        name="duplicate-rows",
        severity=severity,
        message=f"3 rows of `{text}` are copies: {text}",
        split="train",
        rows=array("Q", [1, 4, 7]),
        row_count=3,
        columns=(text,),
        line=3,
        evidence={
            "examples": [{"row": 1, "line": 3, "column": text, "value": text}],
            text: {"value": text},
        },
        fix=f"Drop {text}.",
        fingerprint="0123456789abcdef",
        path=f"data/{text}.csv",
        lines=[3, 6, 9],
        scores=[0.5, math.nan, math.inf],
        groups=[0, 0, 0],
        notes=[text] * 3,
    )
    return replace(made, **changes)


def report_of(*findings: Finding, text: str = "sales") -> Report:
    return Report(
        name=text,
        findings=findings,
        outcomes=(
            Outcome("DUP001", "duplicate-rows", Status.RAN, "", 0.25, "5 of 9 rows"),
            Outcome("LAB001", "missing-label", Status.SKIPPED, f"no column {text}"),
            Outcome("LEK001", "test-row-in-train", Status.CRASHED, f"ValueError: {text}"),
        ),
        sources=(SourceInfo("train", f"data/{text}.csv", "csv", 9, 2, {"delimiter": text}),),
        roles={"label": RoleInfo((text,), inferred=True)},
        version="0.1.0",
    )


EVERY_LEVEL = tuple(finding_of("price", severity) for severity in sorted(Severity, reverse=True))


@pytest.fixture(params=formats())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are_the_formats_that_the_command_line_promises() -> None:
    assert {"text", "json", "sarif", "github", "markdown", "junit", "html"} <= set(formats())


@pytest.mark.parametrize("text", VALUES, ids=range(len(VALUES)))
def test_hostile_text_never_comes_out_raw(name: str, text: str) -> None:
    report = report_of(finding_of(text), text=text)
    written = render(name, [report], Style())
    assert FORBIDDEN.findall(written) == []
    if name not in PLAIN:
        assert "<script" not in written
        assert "<img" not in written


@pytest.mark.parametrize("text", VALUES, ids=range(len(VALUES)))
def test_hostile_text_gives_no_workflow_command(name: str, text: str) -> None:
    report = report_of(finding_of(text), text=text)
    begun = [
        line for line in render(name, [report], Style()).splitlines() if line.strip()[:2] == "::"
    ]
    expected = ["::error ", "::warning "] if name == "github" else []
    assert [line.split(" ")[0] + " " for line in begun] == expected


def test_ends_with_one_line_feed(name: str) -> None:
    for reports in ([], [report_of()], [report_of(*EVERY_LEVEL)]):
        written = render(name, reports, Style())
        assert written.endswith("\n")
        assert not written.endswith("\n\n")


def test_same_report_same_bytes_and_times_do_not_count(name: str) -> None:
    first = report_of(*EVERY_LEVEL)
    later = replace(first, outcomes=tuple(replace(o, seconds=9.75) for o in first.outcomes))
    assert render(name, [first], Style()) == render(name, [later], Style())


def test_ten_thousand_findings_stay_bounded(name: str) -> None:
    findings = tuple(
        finding_of(f"column {i}", rows=range(3000), row_count=3000) for i in range(10_000)
    )
    written = render(name, [report_of(*findings)], Style(row_limit=5))
    limits = {"html": 1e6, "json": 2e7, "sarif": 6e7, "markdown": 65_536, "github": 10_000}
    assert len(written) < limits.get(name, 200_000)


def test_names_the_rule_of_every_finding(name: str) -> None:
    written = render(name, [report_of(*EVERY_LEVEL)], Style())
    assert "DUP001" in written


def test_several_datasets_all_show(name: str) -> None:
    reports = [report_of(finding_of(t), text=t) for t in ("apples", "pears")]
    written = render(name, reports, Style())
    assert "apples" in written
    assert "pears" in written


# JSON


def schema_of(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def valid_json(reports: list[Report], style: Style = Style()) -> Any:  # noqa: B008 - frozen
    schema = schema_of(REPORTS / "dataguard-1.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(render("json", reports, style))
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def test_json_follows_its_schema_with_any_text() -> None:
    for text in VALUES:
        valid_json([report_of(finding_of(text), text=text)])
    assert valid_json([])["summary"] == {"error": 0, "warning": 0, "info": 0}
    assert valid_json([report_of(*EVERY_LEVEL)])["summary"] == {"error": 1, "warning": 1, "info": 1}


def test_json_cuts_the_rows_and_keeps_their_count() -> None:
    many = finding_of("a", rows=range(5000), row_count=5000, lines=range(2, 5002), scores=())
    found = valid_json([report_of(many)])["datasets"][0]["findings"][0]
    assert len(found["rows"]) == len(found["lines"]) == 1000
    assert found["row_count"] == 5000


def test_json_holds_a_cell_as_it_was() -> None:
    found = valid_json([report_of(finding_of("\x1b[31m </script>"))])["datasets"][0]["findings"][0]
    assert found["evidence"]["examples"][0]["value"] == "\x1b[31m </script>"
    assert found["scores"] == [0.5, None, None]


def test_json_takes_evidence_of_any_type() -> None:
    import datetime

    import numpy as np

    evidence = {
        "b": np.float32(2.5), "a": np.int64(3), "d": datetime.date(2024, 1, 2), "e": {3, 1, 2},
        "f": np.array([1.0, np.nan]), "g": np.bool_(True), "h": -math.inf, 7: (1, b"x"),
    }  # fmt: skip
    found = valid_json([report_of(finding_of("a", evidence=evidence))])
    assert found["datasets"][0]["findings"][0]["evidence"] == {
        "7": [1, "b'x'"], "a": 3, "b": 2.5, "d": "2024-01-02", "e": [1, 2, 3], "f": [1.0, None],
        "g": True, "h": None,
    }  # fmt: skip


# SARIF


def valid_sarif(reports: list[Report]) -> Any:
    schema = schema_of(HERE / "reports" / "sarif-2.1.0-rtm.5.json")
    log = json.loads(render("sarif", reports, Style()))
    jsonschema.Draft4Validator(schema).validate(log)
    return log["runs"][0]


def test_sarif_follows_the_published_schema_with_any_text() -> None:
    valid_sarif([])
    for text in VALUES:
        valid_sarif([report_of(*EVERY_LEVEL, finding_of(text), text=text)])


def test_sarif_names_file_line_level_and_rule() -> None:
    run = valid_sarif([report_of(*EVERY_LEVEL)])
    assert [r["level"] for r in run["results"]] == ["error", "warning", "note"]
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "data/price.csv"
        assert physical["region"] == {"startLine": 3}
        lines = [p["physicalLocation"]["region"]["startLine"] for p in result["relatedLocations"]]
        assert lines == [6, 9]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"] == {"dataguard/v1": "0123456789abcdef"}


def test_sarif_rules_bring_their_page() -> None:
    rules = valid_sarif([report_of(*EVERY_LEVEL)])["tool"]["driver"]["rules"]
    assert "## What to do" in rules[0]["help"]["markdown"]
    assert rules[0]["name"] == "DuplicateRows"


def test_sarif_says_that_a_check_crashed() -> None:
    (invocation,) = valid_sarif([report_of()])["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["none", "error"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b/c#d%.csv", "a%20b/c%23d%25.csv"),
        ("./x:y.csv", "x%3Ay.csv"),
        ("../ü.csv", "../%C3%BC.csv"),
        ("/tmp/a.csv", "file:///tmp/a.csv"),
    ],
)
def test_sarif_paths_are_addresses(path: str, expected: str) -> None:
    run = valid_sarif([report_of(finding_of("a", path=path))])
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == expected


@pytest.mark.parametrize("path", ["-", "<DataFrame>", None])
def test_sarif_of_what_is_no_file_names_rows_and_no_place(path: str | None) -> None:
    run = valid_sarif([report_of(finding_of("a", path=path, line=None, lines=()))])
    assert "physicalLocation" not in run["results"][0]["locations"][0]
    assert "Rows: 1, 4, 7." in run["results"][0]["message"]["text"]


# GitHub


def test_github_annotations_have_place_and_title() -> None:
    lines = render("github", [report_of(finding_of("a,b:c%"))], Style()).splitlines()
    assert lines[1] == (
        "::warning file=data/a%2Cb%3Ac%25.csv,line=3,title=DUP001 duplicate-rows::"
        "3 rows of `a,b:c%25` are copies: a,b:c%25. Drop a,b:c%25."
    )


def test_github_shows_ten_of_a_kind_and_counts_the_rest() -> None:
    findings = [finding_of("a", s) for s in Severity for _ in range(25)]
    lines = render("github", [report_of(*findings)], Style()).splitlines()
    kinds = [line[2:].split(" ")[0] for line in lines if line.startswith("::")]
    assert {k: kinds.count(k) for k in kinds} == {"error": 10, "warning": 10, "notice": 10}
    assert lines[-2] == (
        "::notice title=dataguard::Not shown here: 16 more of level error, "
        "15 more of level warning, 16 more of level info."
    )


def test_github_says_nothing_on_clean_data_but_one_plain_line() -> None:
    clean = replace(report_of(), outcomes=())
    assert render("github", [clean], Style()) == (
        "dataguard: error: 0, warning: 0, info: 0, crashed: 0\n"
    )


# Markdown


def test_markdown_rows_have_as_many_cells_as_the_head() -> None:
    for text in VALUES:
        written = render("markdown", [report_of(finding_of(text), text=text)], Style())
        tables = [line for line in written.splitlines() if line.startswith("|")]
        counts = [len(re.split(r"(?<!\\)\|", line)) - 2 for line in tables]
        assert counts == [5, 5, 5, 5, 5, 5, 2, 2, 2, 2]


def test_markdown_makes_no_link_and_no_mention() -> None:
    text = "[link](https://evil.example) @someone #12 www.evil.example *b* _i_"
    written = render("markdown", [report_of(finding_of(text))], Style())
    for raw in ("[link]", "://", "@someone", "#12", "www.evil", "*b*", " _i_"):
        assert raw not in written


def test_markdown_that_is_cut_says_how_many_are_left_out() -> None:
    findings = tuple(finding_of("<" * 900) for _ in range(40))
    written = render("markdown", [report_of(*findings)], Style())
    shown = written.count("| warning |")
    assert f"{40 - shown} more are left out" in written
    assert 0 < shown < 40
    assert len(written) < 65_536


def test_markdown_of_a_clean_dataset_says_so() -> None:
    written = render("markdown", [replace(report_of(), outcomes=())], Style())
    assert "Nothing found." in written


# JUnit


def cases_of(report: Report) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(render("junit", [report], Style()))
    return {str(case.get("name")): case for case in root.iter("testcase")}


def test_junit_is_xml_with_any_text() -> None:
    for text in VALUES:
        assert len(cases_of(report_of(finding_of(text), text=text))) == 3


def test_junit_tells_failed_skipped_and_crashed_apart() -> None:
    cases = cases_of(report_of(*EVERY_LEVEL))
    tags = {name: [child.tag for child in case] for name, case in cases.items()}
    assert tags == {
        "DUP001 duplicate-rows": ["failure", "system-out"],
        "LAB001 missing-label": ["skipped"],
        "LEK001 test-row-in-train": ["error"],
    }
    root = ElementTree.fromstring(render("junit", [report_of(*EVERY_LEVEL)], Style()))
    counts = {"name": "dataguard", "tests": "3", "failures": "1", "errors": "1", "skipped": "1"}
    assert root.attrib == counts


def test_junit_infos_alone_do_not_fail() -> None:
    case = cases_of(report_of(finding_of("a", Severity.INFO)))["DUP001 duplicate-rows"]
    assert [child.tag for child in case] == ["system-out"]


# Notebook


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert [name for name, _ in attrs] in ([], ["class"])


def test_notebook_holds_a_table_and_nothing_of_the_data_as_markup() -> None:
    known = {"div", "style", "p", "b", "bdi", "table", "thead", "tbody", "tr", "th", "td", "code"}
    for text in VALUES:
        parser = _Tags()
        parser.feed(notebook(report_of(finding_of(text), text=text)))
        more = {"br", "small", "span", "details", "summary", "ul", "li"}
        assert parser.found - {"mark"} == known | more  # blanks at the ends of a value are marked


def test_notebook_of_many_findings_says_how_many_it_shows() -> None:
    written = notebook(report_of(*[finding_of("a")] * 500))
    assert "400 more findings are not shown" in written
