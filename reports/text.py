"""The report for people: a terminal of 80 columns, with or without colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from dataguard.finding import Finding, Outcome, Report, RoleInfo, Severity, Status
from dataguard.rendering import Style, by_importance, visible

FIRST = 5
"""Findings of a report that are told in full unless all are asked for."""

MOST_FINDINGS = 50
"""Findings of one severity that are told at all; the rest are counted."""

MOST_EXAMPLES = 3
"""Offending cells shown a finding."""

REASONS = 3
"""Reasons why checks did not run that are told, those of the most checks first."""

COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
BOLD, DIM, GREEN = "1", "2", "32"

NARROW = dict.fromkeys(map(ord, "…→—–‘’“”"), " ")
"""Characters past Latin that our own sentences hold; each takes one column."""


def render(reports: Sequence[Report], style: Style) -> str:
    """The reports one below the other, then the counts of all."""
    lines: list[str] = []
    for report in reports:
        lines += [*_Page(report, style).lines(), ""]
    lines += _closing(reports, style)
    return "\n".join(lines) + "\n"


def told(report: Report, style: Style) -> str:
    """The findings of a report as its text tells them, without what was read or what is next."""
    return "\n".join(_Page(report, style).found()).strip("\n") + "\n"


class _Page:
    """One report's part of the text."""

    def __init__(self, report: Report, style: Style) -> None:
        self.report = report
        self.style = style

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self.found()
        yield from self._not_run()

    def found(self) -> Iterator[str]:
        """The findings by severity."""
        ordered = by_importance(self.report.findings)
        left = len(ordered) if self.style.verbose or len(ordered) <= FIRST + 1 else FIRST
        most = len(ordered) if self.style.verbose else MOST_FINDINGS
        for severity in sorted(Severity, reverse=True):
            mine = [f for f in ordered if f.severity is severity]
            if not mine:
                continue
            yield ""
            yield _paint(f"{str(severity).upper()} ({len(mine)})", COLORS[severity], self.style)
            full = min(left, len(mine))
            left -= full
            for finding in mine[:full]:
                yield ""
                yield from self._finding(finding)
            yield from self._in_short(mine[full:], most - full, first=not full)

    def _in_short(self, findings: list[Finding], most: int, *, first: bool) -> Iterator[str]:
        """One line each of the first `most` findings, and how to see the rest."""
        if not findings:
            return
        if not first:
            yield ""
        for finding in findings[:most]:
            color = COLORS[finding.severity]
            code = _paint(finding.code, color, self.style)
            said = _cut(visible(finding.message), self.style.width - len(finding.code) - 1)
            yield f"{code} {said}"
        if len(findings) > most:
            where = "`report.findings`" if self.style.python else "--verbose"
            yield f"  … and {len(findings) - most:,} more; {where} shows all."

    def _head(self) -> Iterator[str]:
        for source in self.report.sources:
            rows = f"{source.rows:,} row{'' if source.rows == 1 else 's'}"
            size = f"{rows} × {source.columns:,} column{'' if source.columns == 1 else 's'}"
            name = f"{source.split}: " if len(self.report.sources) > 1 else ""
            read = _dialect(source.dialect)
            text = f"{name}{visible(source.path)} ({size}{read})"
            yield from _wrapped(text, self.style, "", "  ", BOLD)
        if self.report.roles:
            roles = ", ".join(_role(n, r) for n, r in self.report.roles.items())
            yield from _wrapped(roles, self.style, "", "  ")

    def _finding(self, finding: Finding) -> Iterator[str]:
        color = COLORS[finding.severity]
        code = _paint(finding.code, f"{BOLD};{color}", self.style)
        yield f"{code} {finding.name}{self._place(finding)}"
        yield from _wrapped(visible(finding.message), self.style, "  ", "  ")
        yield from self._examples(finding)
        if finding.fix:
            fix = f"→ {visible(finding.fix)}"
            yield from _wrapped(fix, self.style, "  ", "    ", GREEN)

    def _place(self, finding: Finding) -> str:
        if finding.path is None:
            return ""
        line = f":{finding.line}" if finding.line is not None else ""
        path = visible(finding.path)
        room = self.style.width - len(finding.code) - len(finding.name) - len(line) - 3
        if _cells(path) > room:
            path = "…" + path[-max(8, room - 1) :]
        return f"  {_paint(path + line, DIM, self.style)}"

    def _examples(self, finding: Finding) -> Iterator[str]:
        examples: Sequence[dict[str, Any]] = finding.evidence.get("examples", ())
        several = len({e.get("column") for e in examples}) > 1 or len(finding.columns) != 1
        heads = [self._example_head(e, several) for e in examples[:MOST_EXAMPLES]]
        widest = min(max((_cells(h) for h in heads), default=0), self.style.width // 2)
        for head, example in zip(heads, examples, strict=False):
            value = example.get("value")
            shown = "(missing)" if value is None else f"'{visible(str(value))}'"
            note = f"  {visible(str(example['note']))}" if example.get("note") else ""
            note = _cut(note, self.style.width // 2)
            padded = head + " " * (widest - _cells(head))
            room = self.style.width - _cells(note)
            yield _cut(f"    {padded} | {shown}", room) + note

    @staticmethod
    def _example_head(example: dict[str, Any], with_column: bool) -> str:
        line, row = example.get("line"), example.get("row")
        if line is not None:
            place = f"line {line}"
        else:
            place = f"row {row}" if row is not None else ""
        column = example.get("column")
        if with_column and column is not None:
            place = f"{place} {_cut(visible(str(column)), 30)}".strip()
        return place

    def _not_run(self) -> Iterator[str]:
        crashed = [o for o in self.report.outcomes if o.status is Status.CRASHED]
        for outcome in crashed:
            yield ""
            text = f"{outcome.code} {outcome.name} crashed: {visible(outcome.reason)}"
            yield from _wrapped(text, self.style, "", "  ", "31")
        reasons: dict[str, list[Outcome]] = {}
        for outcome in self.report.outcomes:
            if outcome.status is Status.SKIPPED:
                reasons.setdefault(outcome.reason, []).append(outcome)
        if reasons:
            yield ""
        most = len(reasons) if self.style.verbose else REASONS
        for reason, outcomes in sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:most]:
            codes = ", ".join(o.code for o in outcomes)
            text = f"Not run: {codes} ({visible(reason)})"
            yield from _wrapped(text, self.style, "", "  ", DIM)
        if len(reasons) > most:
            left = len(reasons) - most
            told = f"Not run for {left} other reason{'' if left == 1 else 's'}"
            yield _paint(told, DIM, self.style)
        for outcome in self.report.outcomes:
            if outcome.sampled:
                text = f"Sampled: {outcome.code} looked at {outcome.sampled}"
                yield from _wrapped(text, self.style, "", "  ", DIM)


def _closing(reports: Sequence[Report], style: Style) -> Iterator[str]:
    """What to do next, and the counts."""
    findings = [f for r in reports for f in r.findings]
    ran = sum(o.status is Status.RAN for r in reports for o in r.outcomes)
    if not reports:
        yield "Nothing was linted."
        return
    if findings:
        worst = next(iter(by_importance(findings)))
        rows = "`--rows-out rows.csv` writes every flagged row."
        if style.python:
            rows = "`report.rows()` lists every flagged row."
        short = any(len(r.findings) > FIRST + 1 for r in reports) and not style.verbose
        if short and not style.python:
            rows = f"--verbose tells every finding in full; {rows}"
        following = f"Next: `dataguard explain {worst.code}` tells more; {rows}"
        yield from _wrapped(following, style, "", "  ")
    counts = [(s, sum(f.severity is s for f in findings)) for s in sorted(Severity, reverse=True)]
    told = ", ".join(f"{n} {s}{'' if n == 1 else 's'}" for s, n in counts if n)
    plural = "" if ran == 1 else "s"
    datasets = f" in {len(reports)} datasets" if len(reports) > 1 else ""
    if findings:
        color = f"{BOLD};{COLORS[max(f.severity for f in findings)]}"
        text = f"Found {told}{datasets} ({ran} check{plural} ran)."
    elif not ran:
        color, text = BOLD, f"Nothing was checked{datasets} (no check ran)."
    else:
        color = f"{BOLD};{GREEN}"
        text = f"No findings{datasets} ({ran} check{plural} ran)."
    yield _paint(text, color, style)


def _dialect(dialect: Any) -> str:
    """What is not the usual in how a file was read."""
    usual = {"encoding": "utf-8", "delimiter": ",", "quote": '"', "compression": ""}
    told = [f"{k} {visible(str(v))}" for k, v in dialect.items() if v and v != usual.get(k, v)]
    return "".join(f", {t}" for t in told)


def _role(name: str, role: RoleInfo) -> str:
    columns = ", ".join(f"`{visible(c)}`" for c in role.columns)
    return f"{name}: {columns}" + (" (inferred)" if role.inferred else "")


def _wrapped(text: str, style: Style, first: str, rest: str, color: str = "") -> Iterator[str]:
    """`text` in lines no wider than the terminal, each coloured by itself."""
    if text.isascii() or _cells(text) == len(text):
        lines = textwrap.wrap(
            text, style.width, initial_indent=first, subsequent_indent=rest,
            break_on_hyphens=False,
        )  # fmt: skip
    else:
        lines = _wrapped_wide(text, style.width, first, rest)
    for line in lines:
        yield _paint(line, color, style) if color else line


def _wrapped_wide(text: str, width: int, first: str, rest: str) -> list[str]:
    """`textwrap.wrap` for text in which a character may take two columns, or none."""
    lines, line = [], first
    for word in text.split(" "):
        joined = f"{line} {word}" if line.strip() else line + word
        if _cells(joined) > width and line.strip():
            lines.append(line)
            joined = rest + word
        while _cells(joined) > width:
            head = _take(joined, width)
            lines.append(head)
            joined = rest + joined[len(head) :]
        line = joined
    return [*lines, line]


def _cut(text: str, width: int) -> str:
    return text if _cells(text) <= width else _take(text, width - 1) + "…"


def _take(text: str, width: int) -> str:
    """The longest beginning of `text` that is at most `width` columns wide."""
    if text.isascii():
        return text[:width]
    used = 0
    for i, character in enumerate(text):
        used += _cells(character)
        if used > width:
            return text[:i]
    return text


def _cells(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii() or max(text.translate(NARROW)) < "\u0300":
        return len(text)
    from wcwidth import wcswidth  # costs a tenth of a second, so only for scripts that need it

    width = wcswidth(text)
    return width if width >= 0 else len(text)


def _paint(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color else text
