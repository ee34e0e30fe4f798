"""Planters of faults in labels, of columns that give them away and of unfit splits."""

from __future__ import annotations

from random import Random

from benchmarks.planting.cells import plant_in
from benchmarks.planting.sheet import Bench, Mark, Row


def missing_labels(bench: Bench, rng: Random) -> None:
    """Empty labels."""
    rows = bench.take("train", rng.uniform(0.003, 0.02), rng)
    label = bench.roles.label
    plant_in(bench, "missing-labels", label, rows, lambda _, __: ("", "empty"), rng, "train")


def label_spelling(bench: Bench, rng: Random) -> None:
    """Labels in other case, with spaces, with a full stop or with a typo."""
    rows = bench.take("train", rng.uniform(0.003, 0.015), rng)
    plant_in(bench, "label-spelling", bench.roles.label, rows, _respell, rng, "train")


def _respell(label: str, rng: Random) -> tuple[str, str]:
    at = len(label) // 2
    return rng.choice(
        (
            (label.capitalize(), "capital"),
            (label.upper(), "upper"),
            (" " + label, "leading space"),
            (label + " ", "trailing space"),
            (label + ".", "full stop"),
            (label[:at] + label[at + 1 :], "letter lost"),
        )
    )


def flipped_labels(bench: Bench, rng: Random) -> None:
    """Three labels in a hundred changed to another class, whatever the row says."""
    classes = sorted({row.cells[bench.roles.label] for row in bench.train.rows} - {""})
    rows = bench.take("train", 0.03, rng)

    def change(label: str, rng: Random) -> tuple[str, str]:
        return rng.choice([other for other in classes if other != label]), "flipped"

    plant_in(bench, "flipped-labels", bench.roles.label, rows, change, rng, "train")


def conflicting_labels(bench: Bench, rng: Random) -> None:
    """Copies of rows, under their own identifier, with another label."""
    label = bench.roles.label
    classes = sorted({row.cells[label] for row in bench.train.rows} - {""})
    originals = bench.take("train", rng.uniform(0.003, 0.01), rng)
    copies = []
    for original in originals:
        copy = original.copy()
        bench.fresh_id(copy, rng)
        copy.cells[label] = rng.choice([c for c in classes if c != original.cells[label]])
        bench.train.insert(copy, rng)
        copies.append(copy)
    bench.reserve(copies)
    kinds = ("other label",) * len(copies)
    rows, partners = tuple(copies), tuple(originals)
    bench.mark(Mark("conflicting-labels", "train", rows, kinds, (), partners, "train"))


def rare_class(bench: Bench, rng: Random) -> None:
    """A fourth or fifth class that only a few training rows have."""
    rows = bench.take("train", 0, rng, at_least=3)
    label = bench.roles.label
    plant_in(bench, "rare-class", label, rows, lambda _, __: ("escalated", "rare"), rng, "train")


def leak_copy(bench: Bench, rng: Random) -> None:
    """A column that repeats the label in its own words, codes, or in 99 rows of 100."""
    style = rng.choice(("copy", "codes", "noisy codes"))
    classes = sorted({row.cells[bench.roles.label] for row in bench.train.rows} - {""})
    codes = dict(zip(classes, rng.sample(("Q1", "Q2", "Q3", "Q4", "Q5", "Q6"), 6), strict=False))

    def cell(row: Row) -> str:
        label = row.cells[bench.roles.label]
        if style == "noisy codes" and rng.random() < 0.01:
            label = rng.choice(classes)
        return label if style == "copy" else codes.get(label, "Q0")

    _add_leak(bench, "queue", [[cell(row) for row in s.rows] for s in bench.sheets.values()])


def leak_number(bench: Bench, rng: Random) -> None:
    """A measured number that separates the classes by itself, as a later score would."""
    classes = sorted({row.cells[bench.roles.label] for row in bench.train.rows} - {""})
    centre = {name: 20.0 * place for place, name in enumerate(rng.sample(classes, len(classes)))}

    def cell(row: Row) -> str:
        return f"{rng.gauss(centre.get(row.cells[bench.roles.label], 0.0), 3.0):.2f}"

    _add_leak(bench, "final_score", [[cell(row) for row in s.rows] for s in bench.sheets.values()])


def leak_after_outcome(bench: Bench, rng: Random) -> None:
    """A column that is filled in only after the outcome, so that blanks give it away."""
    classes = sorted({row.cells[bench.roles.label] for row in bench.train.rows} - {""})
    reason = {name: rng.choice(("R1", "R2", "R3")) + name[0] for name in classes[1:]}

    def cell(row: Row) -> str:
        return reason.get(row.cells[bench.roles.label], "")

    _add_leak(bench, "closing_code", [[cell(row) for row in s.rows] for s in bench.sheets.values()])


def _add_leak(bench: Bench, column: str, values: list[list[str]]) -> None:
    for (split, sheet), cells in zip(bench.sheets.items(), values, strict=True):
        sheet.add_column(column, cells)
        bench.mark(Mark("leaking-column", split, columns=(column,)))


def sorted_rows(bench: Bench, rng: Random) -> None:
    """Training rows sorted by label, identifiers dealt out before."""
    rng.shuffle(bench.train.rows)
    bench.train.rows.sort(key=lambda row: row.cells[bench.roles.label])
    bench.mark(Mark("order-predicts-label", "train"))


def sorted_ids(bench: Bench, rng: Random) -> None:
    """Identifiers dealt out class by class, rows shuffled after."""
    rng.shuffle(bench.train.rows)
    by_label = sorted(bench.train.rows, key=lambda row: row.cells[bench.roles.label])
    ids = sorted(row.cells[bench.roles.id] for row in by_label)
    for row, value in zip(by_label, ids, strict=True):
        row.cells[bench.roles.id] = value
    bench.mark(Mark("order-predicts-label", "train", columns=(bench.roles.id,)))


def class_missing_in_test(bench: Bench, rng: Random) -> None:
    """A class of the training rows that no test row has."""
    label = bench.roles.label
    lost = rng.choice(sorted({row.cells[label] for row in bench.train.rows}))
    bench.test.rows[:] = [row for row in bench.test.rows if row.cells[label] != lost]
    bench.mark(Mark("class-missing-in-test", "test", columns=(label,)))


def small_holdout(bench: Bench, rng: Random) -> None:
    """A test file of twenty to forty rows."""
    del bench.test.rows[rng.randint(20, 40) :]
    bench.mark(Mark("small-holdout", "test"))


def no_holdout(bench: Bench, _: Random) -> None:
    """The training file alone."""
    del bench.sheets["test"]
    bench.mark(Mark("no-holdout", "train"))


def ragged(bench: Bench, rng: Random) -> None:
    """Lines with a cell too few or one too many."""
    rows = bench.take("train", 0.002, rng)
    for row in rows:
        row.raw = rng.choice(("short", "long"))
    bench.mark(Mark("ragged-rows", "train", tuple(rows), tuple(row.raw for row in rows)))


def unclosed_quote(bench: Bench, rng: Random) -> None:
    """One quotation mark that opens a cell and is not closed on its line."""
    late = bench.train.rows[len(bench.train.rows) * 2 // 3 :]
    row = rng.choice(late)
    row.raw = "quote"
    bench.reserve((row,))
    bench.mark(Mark("unclosed-quote", "train", (row,), ("opened",)))


def invalid_bytes(bench: Bench, rng: Random) -> None:
    """Cells whose accents are single Latin-1 bytes in a file that is UTF-8 otherwise."""
    column = bench.column(bench.names, rng)
    rows = bench.take_where("train", 0.002, rng, column)
    for row in rows:
        row.raw = "bytes"
    kinds = ("latin-1 byte",) * len(rows)
    bench.mark(Mark("invalid-bytes", "train", tuple(rows), kinds))
