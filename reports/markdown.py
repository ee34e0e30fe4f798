"""Reports as Markdown for a pull-request comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from dataguard.finding import Finding, Report, Severity, Status
from dataguard.rendering import Style, visible

BUDGET = 60_000
"""Characters of the whole; GitHub refuses a comment of more than 65,536."""

LONGEST = 1_000
"""Characters of one text (a message, a path) that are shown."""

_CODE = re.compile(r"`([^`]*)`")
_SIGNS = re.compile(r"[^\w\s.,;%'()/=:?-]|(?<!\w)[_-]|[_-](?!\w)", re.ASCII)
_LINKS = re.compile(r"(?<=[a-zA-Z]):(?=//)|(?<=[wW]{3})\.|@|#(?=\d)|(?<=GH)-(?=\d)")


def render(reports: Sequence[Report], style: Style) -> str:  # noqa: ARG001 - one shape for all
    """The reports as GitHub-flavoured Markdown of fewer than 65,536 characters.

    Text from the data is written in numeric character references, so that it is no markup, no
    link and no mention wherever the comment is shown.
    """
    page = _Page()
    findings = [f for report in reports for f in report.findings]
    page.add(f"## dataguard: {_counts(findings)}\n")
    for report in reports:
        _report(report, page)
    if page.left_out:
        page.lines.append(f"\n**{page.left_out:,} more are left out** (`--format json` has all).")
    return "\n".join(page.lines).rstrip("\n") + "\n"


class _Page:
    """Lines up to the budget; what no longer fits is counted."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.size = 0
        self.left_out = 0

    def add(self, text: str, reserve: int = 0) -> bool:
        """Whether `text` fitted, with `reserve` characters to spare, and was added."""
        if self.size + len(text) + 1 + reserve > BUDGET:
            return False
        self.lines.append(text)
        self.size += len(text) + 1
        return True


def _report(report: Report, page: _Page) -> None:
    paths = ", ".join(f"{escaped(s.path)} ({s.rows:,} rows)" for s in report.sources[:10])
    if not page.add(f"### {paths or escaped(report.name)}\n"):
        page.left_out += len(report.findings)
        return
    if not report.findings:
        page.add("Nothing found.\n")
    else:
        head = "| level | rule | where | what | what to do |\n|---|---|---|---|---|"
        fits = page.add(head)
        for number, finding in enumerate(report.findings):
            fits = fits and page.add(_row(finding))
            if not fits:
                page.left_out += len(report.findings) - number
                break
    _details(page, "Offending cells", ["rule", "row", "line", "column", "cell"], _cells(report))
    _details(page, "Checks that did not run", ["rule", "why"], _not_run(report))


def _row(finding: Finding) -> str:
    cells = (
        f"**{finding.severity}**" if finding.severity is Severity.ERROR else str(finding.severity),
        f"{escaped(finding.code)} {escaped(finding.name)}",
        _where(finding, escaped),
        prose(finding.message, escaped),
        prose(finding.fix, escaped),
    )
    return f"| {' | '.join(cells)} |"


def _where(finding: Finding, escape: Callable[[str], str]) -> str:
    line = "" if finding.line is None else f":{finding.line}"
    rows = f", {finding.row_count:,} rows" if finding.row_count > 1 else ""
    return escape(finding.path or finding.split or "all splits") + line + rows


def _cells(report: Report) -> Iterator[str]:
    for finding in report.findings:
        for example in finding.evidence.get("examples", ()):
            facts = [example.get(k) for k in ("row", "line", "column")]
            shown = ["" if fact is None else escaped(str(fact)) for fact in facts]
            value = example.get("value")
            cell = "*missing*" if value is None else f"<code>{escaped(str(value))}</code>"
            yield f"| {' | '.join([finding.code, *shown, cell])} |"


def _not_run(report: Report) -> Iterator[str]:
    for outcome in report.outcomes:
        if outcome.status is not Status.RAN:
            yield f"| {escaped(outcome.code)} | {outcome.status}: {escaped(outcome.reason)} |"


def _details(page: _Page, title: str, columns: Sequence[str], rows: Iterator[str]) -> None:
    """A folded table; rows that do not fit are left out, and it says so."""
    first = next(rows, None)
    head = f"\n<details><summary>{title}</summary>\n\n| {' | '.join(columns)} |\n"
    head += "|" + "---|" * len(columns)
    close = "\n</details>\n"
    if first is None or not page.add(f"{head}\n{first}", reserve=200):
        return
    cut = any(not page.add(row, reserve=200) for row in rows)
    page.lines.append("\nMore are left out here.\n" + close if cut else close)
    page.size += len(page.lines[-1]) + 1


def escaped(text: str) -> str:
    """`text` so that Markdown and HTML show it as it is, and GitHub makes no link or mention."""
    shown = visible(text)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 1] + "…"
    parts = re.split(f"({_LINKS.pattern})", shown)
    # A zero-width space keeps an address from becoming a link, and @name from a notification.
    safe = [_signs(p) + ("&#8203;" if i % 2 else "") for i, p in enumerate(parts)]
    return "".join(safe)


def _signs(text: str) -> str:
    return _SIGNS.sub(lambda found: "".join(_reference(c) for c in found.group()), text)


def _reference(character: str) -> str:
    return character if ord(character) > 127 else f"&#{ord(character)};"


def prose(message: str, escape: Callable[[str], str]) -> str:
    """A message, its names in backquotes set as code."""
    parts = _CODE.split(message)
    return "".join(
        f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(parts)
    )


def _counts(findings: Sequence[Finding]) -> str:
    numbers = [(sum(f.severity is s for f in findings), s) for s in sorted(Severity, reverse=True)]
    found = [f"{n:,} {s}{'s' if n != 1 else ''}" for n, s in numbers if n]
    return ", ".join(found) or "nothing found"
