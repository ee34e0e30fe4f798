"""The report for people: it fits, it cuts, it counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dataguard.finding import Finding, Outcome, Report, RoleInfo, Severity, SourceInfo, Status
from dataguard.rendering import Style, render


def report(*findings: Finding, outcomes: tuple[Outcome, ...] = ()) -> Report:
    return Report(
        name="data",
        findings=findings,
        outcomes=outcomes or (Outcome("DUP001", "duplicate-rows", Status.RAN),),
        sources=(SourceInfo("train", "data/train.csv", "csv", 1200, 4, {"encoding": "cp1252"}),),
        roles={"label": RoleInfo(("sentiment",), inferred=True)},
        version="1",
    )


def finding(value: str | None = "x", severity: Severity = Severity.WARNING) -> Finding:
    return Finding(
        "DUP001",
        "duplicate-rows",
        severity,
        "3 rows of 1,200 (0.3 %) are copies of an earlier row, and this goes on for a while " * 2,
        split="train",
        path="data/train.csv",
        rows=(4,),
        row_count=1,
        columns=("text",),
        line=6,
        lines=(6,),
        evidence={"examples": [{"row": 4, "line": 6, "column": "text", "value": value}]},
        fix="Keep one copy.",
    )


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "value", ["short", "long " * 90, "日本語の長い文章です" * 20, "👩‍👩‍👧" * 60, None]
)
def test_no_line_is_wider_than_the_terminal(width: int, value: str | None) -> None:
    from wcwidth import wcswidth

    text = render("text", [report(finding(value))], Style(width))
    assert all(wcswidth(line) <= width for line in text.splitlines())


def test_what_was_inferred_and_how_the_file_was_read_is_said() -> None:
    text = render("text", [report()], Style())
    assert "label: `sentiment` (inferred)" in text
    assert "data/train.csv (1,200 rows × 4 columns, encoding cp1252)" in text


def test_the_worst_comes_first_and_the_counts_last() -> None:
    text = render("text", [report(finding(severity=Severity.ERROR), finding(), finding())], Style())
    assert text.index("ERROR (1)") < text.index("WARNING (2)")
    assert text.endswith("Found 1 error, 2 warnings (1 check ran).\n")


def test_no_findings_is_said_in_so_many_words() -> None:
    assert render("text", [report()], Style()).endswith("No findings (1 check ran).\n")
    assert render("text", [], Style()) == "Nothing was linted.\n"


def test_a_crash_and_a_skip_are_seen() -> None:
    outcomes = (
        Outcome("DUP001", "duplicate-rows", Status.CRASHED, "ValueError: no"),
        Outcome("LAB001", "missing-label", Status.SKIPPED, "no label column"),
        Outcome("LAB002", "mislabelled-rows", Status.RAN, sampled="20000 of 1000000 rows"),
    )
    text = render("text", [report(outcomes=outcomes)], Style())
    assert "DUP001 duplicate-rows crashed: ValueError: no" in text
    assert "Not run: LAB001 (no label column)" in text
    assert "LAB002 looked at 20000 of 1000000 rows" in text


def test_the_five_most_important_findings_are_told_in_full_and_the_rest_in_short() -> None:
    leak = replace(finding(), code="LEK001", name="test-row-in-train")
    worst = replace(finding(), severity=Severity.ERROR)
    text = render("text", [report(*[finding()] * 7, leak, worst)], Style())
    assert text.count("duplicate-rows") == 4  # the error, and three after the leak
    assert text.index("LEK001 test-row-in-train") < text.index("DUP001 duplicate-rows", 200)
    assert text.count("\nDUP001 3 rows") == 4  # one line each
    assert "--verbose tells every finding in full" in " ".join(text.split())
    whole = render("text", [report(*[finding()] * 7, leak, worst)], Style(verbose=True))
    assert whole.count("duplicate-rows") == 8
    assert "--verbose" not in whole


def test_many_findings_are_counted_not_listed() -> None:
    text = render("text", [report(*[finding()] * 300)], Style())
    assert text.count("DUP001") == 51  # fifty, and the advice
    assert "… and 250 more; --verbose shows all." in text


def test_few_reasons_for_not_running_are_told() -> None:
    outcomes = tuple(
        Outcome(f"LAB00{n}", "a-check", Status.SKIPPED, f"reason {n}") for n in range(5)
    )
    text = render("text", [report(outcomes=outcomes)], Style())
    assert text.count("Not run: ") == 3
    assert "Not run for 2 other reasons" in text
    assert render("text", [report(outcomes=outcomes)], Style(verbose=True)).count("Not run: ") == 5


def test_colour_marks_whole_lines_and_is_left_out_without_a_terminal() -> None:
    coloured = render("text", [report(finding())], Style(color=True))
    assert coloured.count("\x1b[") % 2 == 0
    assert "\x1b[33mWARNING (1)\x1b[0m" in coloured
    assert "\x1b" not in render("text", [report(finding("\x1b[31m"))], Style())


def test_the_head_counts_in_the_singular_and_leaves_out_what_was_not_there() -> None:
    source = SourceInfo("train", "a.csv", "csv", 1, 1, {"encoding": "utf-8", "delimiter": ""})
    written = render("text", [replace(report(), sources=(source,))], Style())
    assert written.startswith("a.csv (1 row × 1 column)\n")


def test_python_is_told_of_python() -> None:
    assert "--rows-out" not in str(report(finding()))
    assert "`report.rows()` lists every flagged row" in " ".join(str(report(finding())).split())
