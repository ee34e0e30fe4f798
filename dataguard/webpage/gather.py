"""What the HTML report needs of the data, gathered while it is linted, in a bounded way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dataguard.webpage.columns import lengths, split_facts
from dataguard.webpage.facts import Summary
from dataguard.webpage.rows import gathered_rows

if TYPE_CHECKING:
    from dataguard.dataset import Dataset
    from dataguard.finding import Finding


def summarise(data: Dataset, findings: Sequence[Finding], own: Mapping[str, str]) -> Summary:
    """The facts of a dataset beside its findings.

    Costs, beyond the sample that is there already: a pass over the labels of each split, and one
    over each split that fetches the rows shown (at most a few hundred).

    Args:
        data: The dataset that was linted.
        findings: As they stand in the report.
        own: The user's names of columns by those that they go by here, where these differ.
    """
    if not data.splits:
        return Summary(())
    suspects, more, confusion, duplicates, leaks = gathered_rows(data, findings, own)
    return Summary(
        split_facts(data, own), lengths(data, own), suspects, more, confusion, duplicates, leaks
    )
