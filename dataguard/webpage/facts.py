"""What the HTML report shows of the data beside the findings: plain values, bounded in number."""

from __future__ import annotations

import msgspec


class Histogram(msgspec.Struct, frozen=True):
    """How often values fall into bins of equal width.

    Attributes:
        counts: One a bin, in ascending order.
        low: Lower end of the first bin, as it is shown.
        high: Upper end of the last bin, as it is shown.
        middle: The median, as it is shown.
        clipped: Whether values beyond the ends were counted into the first and the last bin.
    """

    counts: tuple[int, ...]
    low: str
    high: str
    middle: str
    clipped: bool = False


class ColumnFacts(msgspec.Struct, frozen=True):
    """One column of one split.

    Attributes:
        name: The user's name of it.
        kind: What kind of values it holds: "number", "text" …
        role: "label", "text", "id", "time", "group"; empty where it plays none.
        missing: Missing cells in the whole split.
        distinct: Distinct values in the sample.
        sampled: Values in the sample.
        histogram: Of numbers, of dates, and of the words of texts; None for other kinds.
        values: The most frequent values of the sample with their counts; empty where values
            hardly repeat.
    """

    name: str
    kind: str
    role: str
    missing: int
    distinct: int
    sampled: int
    histogram: Histogram | None = None
    values: tuple[tuple[str, int], ...] = ()


class SplitFacts(msgspec.Struct, frozen=True):
    """One split.

    Attributes:
        name: "train", "validation" or "test".
        rows: Rows of the whole split.
        sampled: Rows of the sample that kinds, values and histograms rest on.
        columns: The first ones.
        more_columns: How many are left out.
        classes: Rows of the whole split by label, most frequent first.
        unlabelled: Rows without a label; None where there is no label of classes.
    """

    name: str
    rows: int
    sampled: int
    columns: tuple[ColumnFacts, ...]
    more_columns: int = 0
    classes: tuple[tuple[str, int], ...] = ()
    unlabelled: int | None = None


class Record(msgspec.Struct, frozen=True):
    """One row of the data.

    Attributes:
        split: Its split.
        row: 0-based record number.
        line: 1-based physical line, None where the format has no lines.
        cells: Column and cell, masked and cut; None is a missing cell.
    """

    split: str
    row: int
    line: int | None
    cells: tuple[tuple[str, str | None], ...]


class Suspect(msgspec.Struct, frozen=True):
    """A row whose label is probably wrong.

    Attributes:
        record: The row.
        given: Its label.
        suggested: The label that the features speak for.
        score: 0 to 1, the chance that the given label is wrong.
    """

    record: Record
    given: str
    suggested: str
    score: float


class Cluster(msgspec.Struct, frozen=True):
    """Rows that a finding takes for one: copies, near-copies, or a held-out and a training row.

    Attributes:
        code: Rule of the finding.
        name: Name of the rule.
        records: The first ones; what the others are compared with comes first.
        size: How many rows there are.
        score: Highest similarity, None where rows are simply equal.
    """

    code: str
    name: str
    records: tuple[Record, ...]
    size: int
    score: float | None = None


class Gathered(msgspec.Struct, frozen=True):
    """Some of many.

    Attributes:
        clusters: Those that are shown.
        total: How many there are.
    """

    clusters: tuple[Cluster, ...] = ()
    total: int = 0


class Summary(msgspec.Struct, frozen=True):
    """What was gathered of one dataset.

    Attributes:
        splits: In the order train, validation, test.
        suspects: Probably wrong labels, likeliest first.
        more_suspects: How many are left out.
        confusion: How often a given label (first) is suspected to be another (second).
        lengths: Words a text, by column and then by split, all of a column in the same bins.
        duplicates: Rows of one split that repeat each other.
        leaks: Held-out rows with the training row that they repeat.
    """

    splits: tuple[SplitFacts, ...]
    lengths: tuple[tuple[str, tuple[tuple[str, Histogram], ...]], ...] = ()
    suspects: tuple[Suspect, ...] = ()
    more_suspects: int = 0
    confusion: tuple[tuple[str, str, int], ...] = ()
    duplicates: Gathered = Gathered()
    leaks: Gathered = Gathered()
