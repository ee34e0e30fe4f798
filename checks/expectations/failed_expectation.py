"""GXE001: failed expectation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Option,
    Severity,
    Skip,
    Split,
    count_of,
    quoted,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    from dataguard.expectations.running import Failed
    from dataguard.expectations.suite import Suite

NOT_NULL = "expect_column_values_to_not_be_null"

SEVERITIES = {"critical": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}

_AGES = """{"name": "ages", "expectations": [{"type": "expect_column_values_to_be_between",
 "kwargs": {"column": "age", "min_value": 0, "max_value": 120}}]}"""


class FailedExpectation(Check):
    """An expectation of a suite of Great Expectations does not hold.

    ## Why is this bad?
    Somebody wrote down, or `dataguard learn` read from clean data, what this data has to be like.
    A value beyond that comes from a fault, or from a change that the model has not been told of.

    ## How it works
    Great Expectations 1.x (`pip install 'dataguard[gx]'`) runs the suite of the option `suite`, or
    of `--expectations`, over each split as pandas reads it: cells of a CSV file that are numbers in
    at least nine of ten rows are numbers, `NA` and the like are missing. An expectation that cannot
    be asked for single words in a column of numbers is asked without them. Critical expectations,
    the default, are errors; others are warnings or infos. An expectation that Great Expectations
    does not know, or that raises an error, and a column that is not there, are findings too.
    Without a suite there is nothing to do.

    ```toml
    [tool.dataguard.checks.GXE001]
    suite = "suite.json"
    ```

    ## What to do
    Correct the values, or, where the data has rightly changed, the expectation.
    """

    code = "GXE001"
    name = "failed-expectation"
    severity = Severity.ERROR
    suite = Option(
        "",
        "The suite, a JSON file of Great Expectations 1.x, relative to the config file, or its JSON"
        " text itself. Without one nothing is checked.",
        paths=True,
    )
    bad = (
        Example(
            train={"age": [31, 45, -3, 28, 900, 52]},
            options={"suite": _AGES},
            expect=(At(row=2, column="age"), At(row=4, column="age")),
        ),
    )
    good = (Example(train={"age": [31, 45, 28, 52]}, options={"suite": _AGES}),)

    @classmethod
    def configure(cls, settings: Mapping[str, Any]) -> Check:
        """The check with its settings; the suite is read, so that a damaged one is told at once.

        Raises:
            ConfigError: An option is wrong, or the suite; or Great Expectations is not installed.
        """
        from dataguard.expectations.running import require_gx

        check = super().configure(settings)
        if isinstance(check, FailedExpectation) and check.suite:
            check._read()
            require_gx()
        return check

    def _read(self) -> Suite:
        from dataguard.expectations.suite import parse_suite, read_suite

        if self.suite.lstrip().startswith("{"):
            return parse_suite(self.suite, "suite")
        return read_suite(self.suite)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.expectations.cells import given

        if not self.suite:
            raise Skip("no suite of expectations; name one with --expectations")
        suite = self._read()
        parts = [s.map([given(c, s.table.typed) for c in s.columns]) for s in data.splits]
        tables = await together(parts)
        for split, cells in zip(data.splits, tables, strict=True):
            for finding in self._of_split(split, cells, suite):
                yield finding

    def _of_split(self, split: Split, cells: Any, suite: Suite) -> list[Finding]:
        from dataguard.expectations.cells import form_of, frames
        from dataguard.expectations.running import run_suite

        forms = {c.name: form_of(c, cells[c.name], split.table.typed) for c in split.columns}
        told = {
            c.name: suite.forms[c.name]
            for c in split.columns
            if c.is_string and not split.table.typed and suite.forms.get(c.name) in FORMS
        }
        failed = run_suite(suite, frames(cells, forms | told))
        return [*self._missing(split, suite), *(self._told(split, one) for one in failed)]

    def _missing(self, split: Split, suite: Suite) -> list[Finding]:
        """The columns that the suite names and the split has not."""
        from dataguard.errors import did_you_mean

        found = []
        wanted = [n for e in suite.expectations for n in e.columns]
        for name in dict.fromkeys(n for n in wanted if n not in split):
            number = wanted.count(name)
            found.append(
                self.finding(
                    f"there is no column `{name}`, of which the suite has "
                    f"{count_of(number, 'expectation')}{did_you_mean(name, split.names)}",
                    split=split,
                    columns=(name,),
                    fix=f"Add the column `{name}`, or drop these expectations.",
                )
            )
        return found

    def _told(self, split: Split, failed: Failed) -> Finding:
        expectation = failed.expectation
        columns = expectation.columns
        where = f" in {quoted(columns)}" if columns else ""
        wanted = f"`{expectation.type}`{_terms(expectation.kwargs)}"
        severity = SEVERITIES[expectation.severity]
        if failed.problem:
            return self.finding(
                f"{wanted}{where} could not be asked: {failed.problem}",
                split=split,
                columns=columns,
                severity=severity,
                fix="Correct the expectation.",
            )
        fix = "Correct the data, or the expectation."
        if not failed.rows:
            seen = f": {failed.observed}" if failed.observed else ""
            return self.finding(
                f"{wanted}{where} does not hold{seen}",
                split=split,
                columns=columns,
                severity=severity,
                fix=fix,
            )
        number = len(failed.rows)
        gaps = expectation.type == NOT_NULL
        shown = [] if gaps else sorted({_shown(v) for v in failed.values})
        message = (
            f"{number:,} of {failed.asked:,} values ({share(number, failed.asked)}){where} "
            f"{verb(number, 'fails', 'fail')} {wanted}"
        )
        finding = self.finding(
            message + (f": {quoted(shown, 3)}" if shown else ""),
            split=split,
            rows=failed.rows,
            columns=columns,
            examples=_examples(failed, columns),
            evidence={"expectation": expectation.type},
            severity=severity,
            fix=fix,
        )
        return replace(finding, row_count=number)


FORMS = ("number", "boolean", "text")
"""Forms that a suite of `dataguard learn` may give a column of text."""


def _terms(kwargs: Mapping[str, Any]) -> str:
    """What an expectation asks for, shortened: " (min_value 0, max_value 120)"."""
    named = ("column", "column_A", "column_B", "column_list")
    parts = []
    for key, value in kwargs.items():
        if key not in named and value is not None:
            some = isinstance(value, list) and len(value) > 4
            shown = ", ".join(map(str, value[:4])) + ", …" if some else value
            parts.append(f"{key} {_shown(shown)}")
    return f" ({', '.join(parts)})" if parts else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def _examples(failed: Failed, columns: tuple[str, ...]) -> list[Mapping[str, Any]]:
    if len(columns) != 1 or not failed.values:
        return []
    some = list(zip(failed.rows, failed.values, strict=True))[:5]
    missing = failed.expectation.type == NOT_NULL
    return [
        {"row": row, "column": columns[0], "value": None if missing else str(value)[:200]}
        for row, value in some
    ]
