"""The pages of the checks, made from their docstrings: `explain`, the index, the docs.

`python -m dataguard.pages DOCS README` writes the pages into the folder DOCS and the table of
checks into README.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from dataguard.check import Check, Example, Option
from dataguard.rendering import visible

FAMILIES = {
    "FIL": "files",
    "DUP": "duplicates",
    "LAB": "labels",
    "FMT": "formatting",
    "LEK": "leakage",
    "SPL": "splits",
}
"""The families by the letters of their codes; the name is also the folder in `checks/`."""

TABLE_BEGIN = "<!-- checks: begin (made by `python -m dataguard.pages docs README.md`) -->"
TABLE_END = "<!-- checks: end -->"


def summary(check: type[Check]) -> str:
    """The first line of a check's page: what it finds."""
    return inspect.getdoc(check).splitlines()[0] if check.__doc__ else ""  # type: ignore[union-attr]


def page_of(check: type[Check]) -> str:
    """The check's page in Markdown, ending with a newline."""
    text = (inspect.getdoc(check) or "").strip()
    runs = "yes" if check.fast else "no: left out by --fast"
    facts = [f"Severity: {check.severity}", f"Runs under --fast: {runs}"]
    facts += [f"Needs: {need.name.lower()}" for need in check.needs]
    parts = [f"# {check.code} {check.name}", " · ".join(facts), text]
    options = check.options()
    if options:
        lines = [_option(name, option) for name, option in options.items()]
        setting = f"Set them under `[tool.dataguard.checks.{check.code}]`.\n\n"
        parts.append("## Options\n" + setting + "\n".join(lines))
    if check.bad:
        parts.append("## Example\n" + _example(check.bad[0]))
    return "\n\n".join(parts) + "\n"


def index_text(checks: Mapping[str, type[Check]], width: int = 80) -> str:
    """All checks by family, one a line, for the terminal."""
    longest = max((len(c.name) for c in checks.values()), default=0)
    lines: list[str] = []
    family = ""
    for code, check in checks.items():
        if code.rstrip("0123456789") != family:
            family = code.rstrip("0123456789")
            lines += ["", f"{family}  {FAMILIES.get(family, 'plugin').capitalize()}"]
        slow = "" if check.fast else " (not under --fast)"
        line = f"  {code}  {check.name:<{longest}}  {check.severity!s:<7}{slow}"
        lines.append(line[:width].rstrip())
    lines += ["", f"{len(checks)} checks. `dataguard explain CODE` shows the page of one."]
    return "\n".join(lines[1:]) + "\n"


def index_json(checks: Mapping[str, type[Check]]) -> str:
    """All checks as a JSON list."""
    records = [
        {
            "code": check.code,
            "name": check.name,
            "summary": summary(check),
            "severity": str(check.severity),
            "fast": check.fast,
            "needs": [need.name.lower() for need in check.needs],
            "options": {
                name: {"default": option.default, "doc": option.doc}
                for name, option in check.options().items()
            },
        }
        for check in checks.values()
    ]
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"


def index_markdown(checks: Mapping[str, type[Check]], folder: str = "checks") -> str:
    """The table of all checks in Markdown, with links to their pages in `folder`."""
    lines = ["| code | name | severity | what it finds |", "|---|---|---|---|"]
    for check in checks.values():
        slow = "" if check.fast else " *"
        link = f"[{check.code}]({folder}/{check.code}.md)"
        lines.append(f"| {link} | {check.name}{slow} | {check.severity} | {summary(check)} |")
    lines += ["", "\\* left out by `--fast`."]
    return "\n".join(lines) + "\n"


def write_docs(checks: Mapping[str, type[Check]], docs: Path, readme: Path) -> list[Path]:
    """Write all pages and the index, and renew the table in the README.

    Returns:
        The files written. Pages of checks that are gone are deleted.
    """
    folder = docs / "checks"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.md"):
        if stale.stem not in checks:
            stale.unlink()
    written = []
    for code, check in checks.items():
        page = folder / f"{code}.md"
        page.write_text(page_of(check), encoding="utf-8")
        written.append(page)
    index = docs / "checks.md"
    head = "# The checks\n\nMade from the checks themselves by `python -m dataguard.pages`.\n\n"
    index.write_text(head + index_markdown(checks), encoding="utf-8")
    before, _, rest = readme.read_text(encoding="utf-8").partition(TABLE_BEGIN)
    _, _, after = rest.partition(TABLE_END)
    table = index_markdown(checks, f"{docs.name}/checks")
    readme.write_text(f"{before}{TABLE_BEGIN}\n{table}{TABLE_END}{after}", encoding="utf-8")
    return [*written, index, readme]


def _option(name: str, option: Option[object]) -> str:  # type: ignore[type-var]
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return f"- `{name}` (default `{json.dumps(default)}`): {option.doc}"


def _example(example: Example) -> str:
    splits = {"train": example.train, "validation": example.validation, "test": example.test}
    given = {name: content for name, content in splits.items() if content is not None}
    title = [example.title] if example.title else []
    return "\n\n".join(title + [_block(n, c, len(given) > 1) for n, c in given.items()])


def _block(name: str, content: Mapping[str, object] | bytes, named: bool) -> str:
    if isinstance(content, bytes):
        shown = content[:600].decode("utf-8", "backslashreplace")
        text = "\n".join(visible(line) for line in shown.splitlines()[:12])
    else:
        columns = {key: list(values)[:8] for key, values in content.items()}  # type: ignore[call-overload]
        rows = [list(columns), *zip(*columns.values(), strict=False)]
        text = "\n".join(
            ",".join("" if v is None else visible(str(v)) for v in row) for row in rows
        )
    head = f"`{name}`:\n\n" if named else ""
    return f"{head}```text\n{text[:1500]}\n```"


def main(arguments: list[str]) -> None:
    """Write the docs folder and the README named in `arguments`."""
    from dataguard.registry import load_checks

    docs, readme = (Path(a) for a in arguments)
    write_docs(load_checks(), docs, readme)


if __name__ == "__main__":
    main(sys.argv[1:])
