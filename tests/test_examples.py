"""How the pages show the examples of checks and rules, and what is said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dataguard.api import At, Check, Dataset, Example, Finding, Severity
from dataguard.errors import DataguardError
from dataguard.examples import section
from dataguard.monitor.core import known_rules


def shown(example: Example, good: tuple[Example, ...] = ()) -> str:
    """The section of a check with these examples, without output."""
    return section(type("Made", (Quiet,), {"bad": (example,), "good": good}), output=False)


class Quiet(Check):
    """Finds nothing."""

    code = "ABC001"
    name = "quiet"
    severity = Severity.INFO
    bad = (Example(train={"a": [1, 2]}, expect=(At(row=0),)),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for never in ():
            yield never


class Loud(Quiet):
    """Finds something in each split."""

    name = "loud"

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.splits:
            yield self.finding(f"{split.height} rows", split=split, fix="Read on.")


def test_of_a_long_table_the_ends_and_the_rows_at_fault_are_shown() -> None:
    example = Example(train={"n": list(range(100))}, expect=(At(row=40), At(row=42)))
    assert shown(example) == (
        "## Example\n```text\nn\n0\n1\n2\n3\n4\n… (rows 5 to 39)\n40\n41\n42\n"
        "… (rows 43 to 97)\n98\n99\n```\n\nThis is reported."
    )


def test_cells_whose_ends_would_not_be_seen_stand_in_quotes() -> None:
    cells = ["plain", "a,b", " x", "", None, 'say "so"', "two\nlines", "\x1b[31m"]
    lines = shown(Example(train={"a": cells, "b": [1] * 8})).splitlines()
    assert lines[2:11] == [
        "a,b", "plain,1", '"a,b",1', '" x",1', '"",1', ",1", 'say "so",1', "two\\nlines,1",
        "\\x1b[31m,1",
    ]  # fmt: skip


def test_a_wide_line_is_wrapped_and_a_very_long_cell_is_cut() -> None:
    section = shown(Example(train={"a": ["word " * 30 + "end", "x" * 2000]}))
    assert max(map(len, section.splitlines())) <= 80
    assert section.count("word") == 30
    assert "x" * 60 + "… (2,000 characters)" in section.replace("\n    ", "")


def test_the_bytes_of_a_file_are_shown_as_escapes_with_its_carriage_returns() -> None:
    section = shown(Example(train=b"\xef\xbb\xbfa\r\n\x00\n\xff\n"), (Example(train=b""),))
    assert "`train.csv`:\n\n```text\n\\ufeffa\\r\n\\x00\n\\xff\n```" in section
    assert "Nothing is said of this:\n\n`train.csv`:\n\n```text\n(no bytes)\n```" in section


def test_roles_and_options_that_it_is_linted_with_are_told_once() -> None:
    given: dict[str, Any] = {"label": "my label", "text": ("a",), "options": {"least": 3}}
    bad = Example(train={"a": [1]}, title="a title.", **given)
    section = shown(bad, (Example(train={"a": [2]}, title="Another", **given),))
    told = "Linted with `--label 'my label'`, `--text a` and the option `least` = `3`."
    assert section.startswith(f"## Example\nA title.\n\n{told}\n\n```text\na\n1\n```\n")
    assert section.count("Linted with") == 1
    assert "Nothing is said of this: another." in section


def test_a_block_of_text_ends_where_the_example_does() -> None:
    section = shown(Example(train={"a": ["```"]}))
    assert "````text\na\n```\n````" in section


def test_what_is_said_names_files_without_their_folder() -> None:
    files = Example(train=b"a,b\n1,2\n3,4\n", test=b"a,b\n5,6\n", expect=(At(),))
    told = section(type("Made", (Loud,), {"bad": (files,)}), output=True)
    assert told.endswith(
        "dataguard says:\n\n```text\nINFO (2)\n\nABC001 loud  test.csv\n  1 rows\n  → Read on.\n\n"
        "ABC001 loud  train.csv\n  2 rows\n  → Read on.\n```"
    )


def test_an_example_of_which_nothing_is_said_makes_no_page() -> None:
    with pytest.raises(DataguardError, match="the example of ABC001 gives no finding"):
        section(Quiet, output=True)


def test_a_check_without_examples_has_no_section() -> None:
    assert section(type("Made", (Quiet,), {"bad": ()}), output=True) == ""


def test_a_long_run_is_shown_by_its_beginning_and_its_end() -> None:
    (rule,) = (rule for rule in known_rules() if rule.code == "MON012")
    lines = section(rule, output=False).splitlines()
    assert lines[2].split()[:4] == ["step", "0", "1", "2"]
    assert lines[5] == "…"
    assert lines[7].split()[-1] == "199"
