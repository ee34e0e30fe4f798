from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    quoted,
    share,
)

_TAGS = ["drama", "comedy|drama", "comedy", "action", "action|comedy", "drama|action"] * 5


class MultiLabelColumn(Check):
    """One cell holds several labels.

    ## Why is this bad?
    Read as it stands, every combination is a class of its own: `action|drama` shares no example
    with `action`, rare combinations cannot be learnt, and a prediction that gets one of two right
    counts as wrong.

    ## How it works
    Judged by a sample of 10,000 rows; where it shows the fault all rows are searched. A separator
    (`|`, `;`, a comma, or two slashes) counts where at least `least_share` of the labels hold it
    and the parts are classes: most of them stand in several combinations, or alone as well. For
    commas nearly all parts must stand alone somewhere, which no name and no number does. Lists
    (`["a", "b"]`, or list columns) are informative: they are meant as several labels.

    ## What to do
    Split the labels and train a multi-label model: `df["label"].str.get_dummies("|")`, or
    `MultiLabelBinarizer` of scikit-learn. If one label a row is meant, choose it.
    """

    code = "LAB011"
    name = "multi-label-column"
    severity = Severity.WARNING
    needs = (Need.LABEL,)
    uses = ("label",)
    least_share = Option(
        0.02, "Least share of labels with a separator. Our own choice.", low=0, high=1
    )
    known = Option(
        0.8,
        "Least share of parts, by rows, that stand in another label as well. Our own choice.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={"x": range(30), "label": _TAGS},
            label="label",
            expect=tuple(At("train", row, "label") for row in range(30) if row % 6 in (1, 4, 5)),
        ),
        Example(
            title="Lists",
            train={"x": range(8), "label": [["a"], ["a", "b"], ["b"], ["b", "c"]] * 2},
            label="label",
            expect=tuple(At("train", row, "label") for row in (1, 3, 5, 7)),
        ),
    )
    good = (
        Example(train={"x": range(30), "label": ["drama", "comedy", "action"] * 10}, label="label"),
        Example(
            title="Names with a comma in them",
            train={"x": range(20), "label": ["Paris, FR", "Lyon, FR", "Turin, IT", "Rome, IT"] * 5},
            label="label",
        ),
        Example(
            title="Answers that begin alike",
            train={
                "x": range(20),
                "label": ["yes", "no", "yes, but later", "no, never", "do not know"] * 4,
            },
            label="label",
        ),
        Example(
            title="Lists of one label each",
            train={"x": range(4), "label": [["a"], ["b"], ["a"], ["b"]]},
            label="label",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats import label_parts

        label = data.train.label
        assert label is not None
        if label.kind in (Kind.NUMBER, Kind.DATE, Kind.EMPTY):
            raise Skip("the label is a number or a date")
        way = label_parts.separator(data.train, label, self.least_share, self.known)
        if way is None:
            return
        for split in data.splits:
            if split.label is not None and split.label.missing < split.height:
                where = label_parts.holds_several(split.label, way)
                hits = await split.rows(where, (split.label.name,), limit=5)
                if hits.count:
                    yield self._found(split, split.label, way, hits)

    def _found(self, split: Split, label: Column, way: str, hits: Hits) -> Finding:
        from dataguard.stats.label_parts import LISTS, holds_several

        several = split.preview.filter(holds_several(label, way)).select(label.text.alias("v"))
        words = several.get_column("v").unique(maintain_order=True).head(3).to_list()
        given = split.height - label.missing
        how = "as a list" if way == LISTS else f"with `{way}` between them"
        call = "MultiLabelBinarizer" if way == LISTS else f'`.str.get_dummies("{way}")`'
        return self.finding(
            f"{hits.count:,} of {given:,} labels in `{label.name}` ({share(hits.count, given)})"
            f" are several labels {how}"
            + (f", such as {quoted([w[:40] for w in words], 3)}" if words else ""),
            split=split,
            rows=list(hits.rows),
            columns=(label.name,),
            examples=cells(hits.cells, [label.name]),
            evidence={"separator": way},
            severity=Severity.INFO if way == LISTS else None,
            confidence=0.9,
            fix=f"Split them ({call}) and train a multi-label model, or choose one label a row.",
        )
