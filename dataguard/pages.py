"""The pages of the checks and of the monitor's rules, made from their docstrings.

`dataguard explain` prints them; `python -m dataguard.pages DOCS README` writes them into the folder
DOCS, with what is said of their examples, and the tables of both into README.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataguard.check import Check, Option
from dataguard.errors import DataguardError
from dataguard.examples import section
from dataguard.monitor.rule import Rule

FAMILIES = {
    "FIL": "files",
    "DUP": "duplicates",
    "LAB": "labels",
    "FMT": "formatting",
    "LEK": "leakage",
    "SPL": "splits",
    "GXE": "expectations",
}
"""The families by the letters of their codes; the name is also the folder in `checks/`."""

Described = type[Check] | type[Rule]
"""What has a page."""

BEGIN = "<!-- {}: begin (made by `python -m dataguard.pages docs README.md`) -->"
END = "<!-- {}: end -->"
"""Around the tables in the README."""

HEAD = """# The checks

Made from the checks themselves by `python -m dataguard.pages`. `dataguard explain CODE` prints a
page in the terminal. In examples and findings rows are counted from 0, as in a data frame, and the
lines of a file from 1, as in an editor.

"""
"""Above the table of all checks."""


def summary(check: Described) -> str:
    """The first line of a page: what is found."""
    return inspect.getdoc(check).splitlines()[0] if check.__doc__ else ""  # type: ignore[union-attr]


def page_of(check: Described, *, output: bool = False) -> str:
    """The page in Markdown, ending with a newline.

    Args:
        output: Whether to show what is said of the example: it is run for that, which takes
            seconds where a model is fitted.

    Raises:
        DataguardError: The example does not run, for want of an optional library.
    """
    text = (inspect.getdoc(check) or "").strip()
    facts = [f"Severity: {check.severity}"]
    if issubclass(check, Check):
        runs = "yes" if check.fast else "no: left out by --fast"
        facts.append(f"Runs under --fast: {runs}")
        if check.needs:
            facts.append("Needs: " + ", ".join(need.name.lower() for need in check.needs))
        setting = f"Set them under `[tool.dataguard.checks.{check.code}]`."
    else:
        facts.append("A rule of the monitor, during training")
        setting = f'Set them by `Monitor(rules={{"{check.code}": {{…}}}})`.'
    parts = [f"# {check.code} {check.name}", " · ".join(facts), text]
    options = check.options()
    if options:
        lines = [_option(name, option) for name, option in options.items()]
        parts.append("## Options\n" + setting + "\n\n" + "\n".join(lines))
    parts.append(section(check, output=output))
    return "\n\n".join(filter(None, parts)) + "\n"


def index_text(
    checks: Mapping[str, type[Check]], rules: Sequence[type[Rule]] = (), width: int = 80
) -> str:
    """All checks and rules by family, one a line, for the terminal."""
    described: list[Described] = [*checks.values(), *rules]
    longest = max((len(c.name) for c in described), default=0)
    lines: list[str] = []
    family = ""
    for check in described:
        if check.code.rstrip("0123456789") != family:
            family = check.code.rstrip("0123456789")
            plugin = "plugin" if issubclass(check, Check) else "monitor, during training"
            lines += ["", f"{family}  {FAMILIES.get(family, plugin).capitalize()}"]
        slow = " (not under --fast)" if issubclass(check, Check) and not check.fast else ""
        line = f"  {check.code}  {check.name:<{longest}}  {check.severity!s:<7}{slow}"
        lines.append(line[:width].rstrip())
    number = f"{len(checks)} checks" + (f" and {len(rules)} rules" if rules else "")
    lines += ["", f"{number}. `dataguard explain CODE` shows the page of one."]
    return "\n".join(lines[1:]) + "\n"


def index_json(checks: Mapping[str, type[Check]], rules: Sequence[type[Rule]] = ()) -> str:
    """All checks and rules as a JSON list."""
    described: list[Described] = [*checks.values(), *rules]
    records = [
        {
            "code": check.code,
            "name": check.name,
            "kind": "check" if issubclass(check, Check) else "rule",
            "summary": summary(check),
            "severity": str(check.severity),
            "fast": not issubclass(check, Check) or check.fast,
            "needs": [n.name.lower() for n in check.needs] if issubclass(check, Check) else [],
            "options": {
                name: {"default": option.default, "doc": option.doc}
                for name, option in check.options().items()
            },
        }
        for check in described
    ]
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"


def index_markdown(checks: Mapping[str, type[Check]], folder: str = "checks") -> str:
    """The table of all checks in Markdown, with links to their pages in `folder`."""
    lines = _table(list(checks.values()), folder)
    return "\n".join([*lines, "", "\\* left out by `--fast`."]) + "\n"


def rules_markdown(rules: Sequence[type[Rule]], folder: str = "monitor") -> str:
    """The table of the monitor's rules in Markdown, likewise."""
    return "\n".join(_table(list(rules), folder)) + "\n"


def families_markdown(described: Sequence[Described], folder: str) -> str:
    """The same in brief, a row a family."""
    rows: dict[str, list[str]] = {}
    for check in described:
        slow = " *" if issubclass(check, Check) and not check.fast else ""
        link = f"[{check.code}]({folder}/{check.code}.md) {check.name}{slow}"
        rows.setdefault(check.code.rstrip("0123456789"), []).append(link)
    lines = ["| family | checks |", "|---|---|"]
    lines += [
        f"| {FAMILIES.get(f, f)} ({len(each)}) | {' · '.join(each)} |" for f, each in rows.items()
    ]
    return "\n".join([*lines, "", "\\* left out by `--fast`."]) + "\n"


def _table(described: Sequence[Described], folder: str) -> list[str]:
    lines = ["| code | name | severity | what it finds |", "|---|---|---|---|"]
    for check in described:
        slow = " *" if issubclass(check, Check) and not check.fast else ""
        link = f"[{check.code}]({folder}/{check.code}.md)"
        lines.append(f"| {link} | {check.name}{slow} | {check.severity} | {summary(check)} |")
    return lines


def write_docs(
    checks: Mapping[str, type[Check]], rules: Sequence[type[Rule]], docs: Path, readme: Path
) -> list[Path]:
    """Write all pages and the index, and renew the tables in the README.

    Returns:
        The files written. Pages of checks and rules that are gone are deleted.

    Raises:
        DataguardError: An example does not run, for want of an optional library: the pages are
            the same whoever makes them, or not made.
    """
    written = _write_pages(docs / "checks", list(checks.values()))
    written += _write_pages(docs / "monitor", list(rules))
    index = docs / "checks.md"
    head = HEAD
    tail = "\n# The rules of the monitor\n\n" + rules_markdown(rules)
    index.write_text(head + index_markdown(checks) + tail, encoding="utf-8")
    text = readme.read_text(encoding="utf-8")
    families = families_markdown(list(checks.values()), f"{docs.name}/checks")
    text = _with_table(text, "checks", families)
    text = _with_table(text, "rules", rules_markdown(rules, f"{docs.name}/monitor"))
    readme.write_text(text, encoding="utf-8")
    return [*written, index, readme]


def _write_pages(folder: Path, described: Sequence[Described]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    pages = {folder / f"{check.code}.md": page_of(check, output=True) for check in described}
    for stale in folder.glob("[A-Z][A-Z][A-Z][0-9]*.md"):
        if stale not in pages:
            stale.unlink()
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")
    return list(pages)


def _with_table(text: str, name: str, table: str) -> str:
    before, _, rest = text.partition(BEGIN.format(name))
    _, _, after = rest.partition(END.format(name))
    return f"{before}{BEGIN.format(name)}\n{table}{END.format(name)}{after}"


def _option(name: str, option: Option[object]) -> str:  # type: ignore[type-var]
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return f"- `{name}` (default `{json.dumps(default)}`): {option.doc}"


def main(arguments: list[str]) -> int:
    """Write the docs folder and the README named in `arguments`; the exit code."""
    from dataguard.monitor.core import known_rules
    from dataguard.registry import load_checks

    docs, readme = (Path(a) for a in arguments)
    try:
        write_docs(load_checks(), known_rules(), docs, readme)
    except DataguardError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
