"""What `dataguard watch` found, as text, JSON and SARIF."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataguard import __version__
from dataguard.finding import Outcome, Severity, Status
from dataguard.monitor.chart import LABEL, WIDTH, chart
from dataguard.monitor.core import known_rules
from dataguard.monitor.picture import picture
from dataguard.monitor.replay import Seen
from dataguard.monitor.rule import Event, Rule
from dataguard.monitor.watched import Watched
from dataguard.rendering import Style, plain, visible

SCHEMA = "dataguard-watch/1"

MOST_EVENTS = 20
"""Events of one severity that the text shows; JSON has all."""

COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
BOLD, GREEN = "1", "32"


def told(run: Watched, format_: str, style: Style) -> str:
    """The report of a run as "text", "json", "sarif" or "html", ending with a newline."""
    if format_ == "json":
        return _json(run)
    if format_ == "sarif":
        return _sarif(run)
    if format_ == "html":
        from dataguard.webpage.run import run_page

        return run_page(run)
    return "\n".join(_text(run, style)) + "\n"


def line_of(seen: Seen, style: Style) -> str:
    """An event on one line, as it is said while a log is followed."""
    event = seen.event
    code = _paint(f"{event.severity!s} {event.code}", COLORS[event.severity], style)
    return f"step {event.step}: {code} {event.name}: {visible(event.message)}\n"


def event_lines(event: Event, style: Style, place: str = "") -> Iterator[str]:
    """An event as the text report tells it; `place` is where it stands, the line of a log."""
    code = _paint(event.code, f"{BOLD};{COLORS[event.severity]}", style)
    yield f"{code} {event.name}  step {event.step}{place}"
    yield from _wrapped(visible(event.message), style, indent="  ")


def _json(run: Watched) -> str:
    flag = run.flag
    document = {
        "schema": SCHEMA,
        "verdict": plain(run.verdict),
        "best_step": run.monitor.best_step,
        "flagged_step": None if flag is None else flag.step,
        "events": [
            {
                "step": seen.event.step,
                "code": seen.event.code,
                "severity": str(seen.event.severity),
                "message": plain(seen.event.message),
                "evidence": plain(seen.event.evidence),
            }
            for seen in run.seen
        ],
        "outcomes": [
            {"code": o.code, "name": o.name, "status": str(o.status), "reason": o.reason}
            for o in run.outcomes
        ],
    }
    return json.dumps(document, indent=2, allow_nan=False).replace("<", "\\u003c") + "\n"


def _text(run: Watched, style: Style) -> Iterator[str]:
    flag = run.flag
    yield from _wrapped(_head(run), style, BOLD)
    color = f"{BOLD};{GREEN if flag is None else COLORS[flag.severity]}"
    yield from _wrapped(visible(run.verdict), style, color)
    shown = picture(run.monitor)
    if shown is not None:
        yield ""
        yield from chart(shown, max(min(style.width, WIDTH), LABEL + 20))
    for severity in sorted(Severity, reverse=True):
        mine = [seen for seen in run.seen if seen.event.severity is severity]
        if mine:
            yield ""
            yield _paint(f"{str(severity).upper()} ({len(mine)})", COLORS[severity], style)
        for seen in mine[:MOST_EVENTS]:
            yield from _event(seen, run, style)
        if len(mine) > MOST_EVENTS:
            yield f"  ... and {len(mine) - MOST_EVENTS:,} more; --format json shows all."
    yield from _not_judged(run.outcomes, style)


def _head(run: Watched) -> str:
    parts = []
    if run.evaluations:
        parts.append(f"{run.evaluations:,} evaluation{'' if run.evaluations == 1 else 's'}")
    if run.losses:
        parts.append(f"{run.losses:,} training loss{'' if run.losses == 1 else 'es'}")
    return f"{visible(run.path)} ({', '.join(parts) or 'no values'})"


def _event(seen: Seen, run: Watched, style: Style) -> Iterator[str]:
    line = "" if seen.line is None else f"  {visible(Path(run.path).name)}:{seen.line}"
    yield ""
    yield from event_lines(seen.event, style, line)


def _not_judged(outcomes: tuple[Outcome, ...], style: Style) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.status is not Status.RAN:
            reasons.setdefault(outcome.reason, []).append(outcome.code)
    if reasons:
        yield ""
    for reason, codes in reasons.items():
        yield from _wrapped(f"Not judged: {', '.join(codes)} ({reason})", style)


def _wrapped(text: str, style: Style, color: str = "", indent: str = "") -> Iterator[str]:
    lines = textwrap.wrap(
        text, style.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return (_paint(line, color, style) for line in lines)


def _paint(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color and color else text


def _sarif(run: Watched) -> str:
    """One run, one result an event, with the log as artifact, on one line."""
    sarif = importlib.import_module("dataguard.reports.sarif")
    uri = sarif.address(run.path)
    rules = [rule for rule in known_rules() if rule.code in {o.code for o in run.outcomes}]
    places = {rule.code: place for place, rule in enumerate(rules)}
    told = [_result(seen, places, uri, sarif.LEVELS) for seen in run.seen]
    found: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "dataguard",
                "version": __version__,
                "rules": [_rule(rule, sarif.LEVELS) for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "descriptor": {"id": o.code},
                        "level": "none",
                        "message": {"text": f"{o.code} {o.status}: {o.reason}"},
                    }
                    for o in run.outcomes
                    if o.status is not Status.RAN
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": told,
        "properties": {"verdict": visible(run.verdict), "bestStep": run.monitor.best_step},
    }
    if uri is not None:
        found["artifacts"] = [{"location": {"uri": uri}}]
    log = {"$schema": sarif.SCHEMA, "version": "2.1.0", "runs": [found]}
    return json.dumps(log, allow_nan=False).replace("<", "\\u003c") + "\n"


def _rule(rule: type[Rule], levels: dict[Severity, str]) -> dict[str, Any]:
    page = inspect.getdoc(rule) or rule.name
    first = page.splitlines()[0]
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": first},
        "fullDescription": {"text": first},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": levels[rule.severity]},
        "properties": {"tags": ["training", "MON"]},
    }


def _result(
    seen: Seen, places: dict[str, int], uri: str | None, levels: dict[Severity, str]
) -> dict[str, Any]:
    event = seen.event
    content = json.dumps([event.code, event.since, event.evidence.get("curve")])
    result: dict[str, Any] = {
        "ruleId": event.code,
        "ruleIndex": places[event.code],
        "level": levels[event.severity],
        "rank": round(100 * event.confidence, 1),
        # "[text](1)" would become a link: section 3.11.6 of the standard.
        "message": {"text": visible(event.message).replace("](", "] (")},
        "partialFingerprints": {"dataguard/v1": hashlib.sha256(content.encode()).hexdigest()[:32]},
        "properties": {
            "step": event.step,
            "since": event.since,
            "bestStep": event.best_step,
            "evidence": plain(event.evidence),
        },
    }
    if uri is not None:
        place: dict[str, Any] = {"artifactLocation": {"uri": uri, "index": 0}}
        if seen.line is not None:
            place["region"] = {"startLine": seen.line}
        result["locations"] = [{"physicalLocation": place}]
    return result
