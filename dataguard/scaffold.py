"""Begin a new check: `python -m dataguard.scaffold LEK leaky-timestamp` writes its file.

The file holds a check that runs and finds nothing; its bad example fails the tests until the
check is written.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from dataguard.errors import DataguardError, UsageError, did_you_mean
from dataguard.pages import FAMILIES

TEMPLATE = '''\
"""{code}: {words}."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, Finding, Severity, cells


class {title}(Check):
    """State the defect in one line.

    ## Why is this bad?
    What it does to a model.

    ## How it works
    What is compared with what; where each threshold comes from.

    ## What to do
    One step that mends it.
    """

    code = "{code}"
    name = "{name}"
    severity = Severity.WARNING
    bad = (
        Example(train={{"text": ["a fault", "fine", "fine too"]}}, expect=(At("train", row=0),)),
    )
    good = (Example(train={{"text": ["fine", "fine too", "fine as well"]}}),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.splits:
            for column in split.texts:
                hits = await split.rows(column.text.str.contains("DEFECT"), (column.name,))
                if hits.count:
                    yield self.finding(
                        f"{{hits.count:,}} of {{split.height:,}} values in `{{column.name}}` …",
                        split=split,
                        rows=hits.rows,
                        columns=(column.name,),
                        examples=cells(hits.cells, (column.name,)),
                        fix="Say what to do.",
                    )
'''


def scaffold(family: str, name: str, checks: Path) -> tuple[str, Path]:
    """Write the file of a new check with the next free code of its family.

    Args:
        family: "LEK" and so on.
        name: The defect, "leaky-timestamp".
        checks: The folder of the families, `checks/` in the repository.

    Returns:
        The code, and the file written.

    Raises:
        UsageError: Unknown family, a name of another form, or the check exists.
    """
    if family not in FAMILIES:
        raise UsageError(f"no family '{family}'{did_you_mean(family, FAMILIES)}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name):
        raise UsageError(f"'{name}' is no name of a check: it takes words in lower case by hyphens")
    folder = checks / FAMILIES[family]
    if not folder.is_dir():
        raise UsageError(f"{folder} is not there; run this in the repository")
    path = folder / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise UsageError(f"{path} exists")
    numbers = [
        int(found.group(1))
        for file in folder.glob("*.py")
        if (found := re.search(rf'code = "{family}(\d+)"', file.read_text(encoding="utf-8")))
    ]
    code = f"{family}{max(numbers, default=0) + 1:03d}"
    words = name.replace("-", " ")
    title = "".join(word.capitalize() for word in name.split("-"))
    text = TEMPLATE.format(code=code, words=words, title=title, name=name)
    path.write_text(text, encoding="utf-8")
    return code, path


def main(arguments: list[str]) -> int:
    """Run from the command line; the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m dataguard.scaffold FAMILY defect-name\n")
        return 2
    try:
        code, path = scaffold(arguments[0], arguments[1], Path("checks"))
    except DataguardError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(
        f"{path}: write its page, its examples and `run`, then\n"
        f"`pytest tests/test_every_check.py -k {code}`; CONTRIBUTING.md says what else it needs\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
