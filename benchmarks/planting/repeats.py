"""Planters of repeated rows, within the training rows and across splits."""

from __future__ import annotations

from random import Random

from benchmarks.planting import words
from benchmarks.planting.sheet import Bench, Mark, Row


def exact_duplicates(bench: Bench, rng: Random) -> None:
    """Rows copied whole, or whole but for an identifier of their own."""
    kinds: list[str] = []
    pairs: list[tuple[Row, Row]] = []
    for original in bench.take("train", rng.uniform(0.005, 0.02), rng):
        for _ in range(rng.choice((1, 1, 1, 2))):
            copy = original.copy()
            kinds.append("whole" if rng.random() < 0.6 or not bench.roles.id else "id differs")
            if kinds[-1] == "id differs":
                bench.fresh_id(copy, rng)
            pairs.append((copy, original))
    _insert(bench, "exact-duplicates", pairs, kinds, rng)


def normalised_duplicates(bench: Bench, rng: Random) -> None:
    """Copies whose words differ in case, spacing or punctuation only."""
    kinds, pairs = [], []
    for original in bench.take("train", rng.uniform(0.005, 0.015), rng):
        copy = original.copy()
        bench.fresh_id(copy, rng)
        kinds.append(_restyle(copy, _wordy(bench), rng))
        pairs.append((copy, original))
    _insert(bench, "normalised-duplicates", pairs, kinds, rng)


def near_duplicates(bench: Bench, rng: Random) -> None:
    """Copies whose text has one word changed, dropped or inserted, or one typo."""
    kinds, pairs = [], []
    for original in bench.take("train", rng.uniform(0.01, 0.03), rng):
        copy = original.copy()
        bench.fresh_id(copy, rng)
        kinds.append(_edit_texts(bench, copy, rng))
        pairs.append((copy, original))
    _insert(bench, "near-duplicates", pairs, kinds, rng, bench.roles.text)


def duplicate_ids(bench: Bench, rng: Random) -> None:
    """Different rows under an identifier that another row already has."""
    rows = bench.take("train", rng.uniform(0.005, 0.02), rng)
    owners = bench.take("train", len(rows) / len(bench.train.rows), rng)
    rows = rows[: len(owners)]
    for row, owner in zip(rows, owners, strict=True):
        row.cells[bench.roles.id] = owner.cells[bench.roles.id]
    kinds = ("same id",) * len(rows)
    columns = (bench.roles.id,)
    mark = Mark("duplicate-ids", "train", tuple(rows), kinds, columns, tuple(owners), "train")
    bench.mark(mark)


def test_in_train(bench: Bench, rng: Random) -> None:
    """Training rows that stand in the test file again, as they are or thinly changed."""
    kinds, pairs = [], []
    for original in bench.take("train", rng.uniform(0.01, 0.02), rng):
        copy = original.copy()
        kind = rng.choice(("verbatim", "id differs", "case and space"))
        if kind != "verbatim":
            bench.fresh_id(copy, rng)
        if kind == "case and space":
            kind = f"case and space: {_restyle(copy, _wordy(bench), rng, punctuation=False)}"
        kinds.append(kind)
        pairs.append((copy, original))
    _into_test(bench, "test-in-train", pairs, kinds, (), rng)


def test_in_train_dirty(bench: Bench, rng: Random) -> None:
    """Training rows in the test file, where one dirty value makes a number column text."""
    pairs = [(row.copy(), row) for row in bench.take("train", rng.uniform(0.01, 0.02), rng)]
    for copy, _ in pairs:
        bench.fresh_id(copy, rng)
    _into_test(bench, "test-in-train", pairs, ["dirty column"] * len(pairs), (), rng)
    column = bench.column(bench.numbers, rng)
    dirty = bench.take("test", 0, rng, at_least=1)
    dirty[0].cells[column] = rng.choice(("12 kg", "n/a", "about 7", "1O.5"))
    bench.mark(Mark("dirty-value", "test", tuple(dirty), ("one value",), (column,)))


def near_across_splits(bench: Bench, rng: Random) -> None:
    """Training texts in the test file with one word changed, dropped or inserted, or a typo."""
    kinds, pairs = [], []
    for original in bench.take("train", rng.uniform(0.01, 0.02), rng):
        copy = original.copy()
        bench.fresh_id(copy, rng)
        kinds.append(_edit_texts(bench, copy, rng))
        pairs.append((copy, original))
    _into_test(bench, "near-across-splits", pairs, kinds, bench.roles.text, rng)


def groups_across_splits(bench: Bench, rng: Random) -> None:
    """Test rows that belong to a group of the training rows."""
    group = bench.roles.group
    rows = bench.take("test", rng.uniform(0.05, 0.2), rng)
    owners = rng.sample(bench.train.rows, len(rows))
    for row, owner in zip(rows, owners, strict=True):
        row.cells[group] = owner.cells[group]
    # A patient who moves takes all test visits of the new number along.
    moved = {row.cells[group] for row in rows}
    members = tuple(row for row in bench.test.rows if row.cells[group] in moved)
    partners = tuple(row for row in bench.train.rows if row.cells[group] in moved)
    kinds = ("shared group",) * len(members)
    mark = Mark("groups-across-splits", "test", members, kinds, (group,), partners, "train")
    bench.mark(mark)


def _insert(
    bench: Bench,
    fault: str,
    pairs: list[tuple[Row, Row]],
    kinds: list[str],
    rng: Random,
    columns: tuple[str, ...] = (),
) -> None:
    for copy, _ in pairs:
        bench.train.insert(copy, rng)
        bench.reserve((copy,))
    copies = tuple(copy for copy, _ in pairs)
    originals = tuple(original for _, original in pairs)
    bench.mark(Mark(fault, "train", copies, tuple(kinds), columns, originals, "train"))


def _into_test(
    bench: Bench,
    fault: str,
    pairs: list[tuple[Row, Row]],
    kinds: list[str],
    columns: tuple[str, ...],
    rng: Random,
) -> None:
    for copy, _ in pairs:
        bench.test.insert(copy, rng)
        bench.reserve((copy,))
    copies = tuple(copy for copy, _ in pairs)
    originals = tuple(original for _, original in pairs)
    bench.mark(Mark(fault, "test", copies, tuple(kinds), columns, originals, "train"))


def _wordy(bench: Bench) -> tuple[str, ...]:
    return bench.roles.text or bench.names


def _restyle(row: Row, columns: tuple[str, ...], rng: Random, punctuation: bool = True) -> str:
    kinds = ("upper", "title", "space", "punctuation") if punctuation else ("upper", "space")
    kind = rng.choice(kinds)
    for column in columns:
        cell = row.cells[column]
        row.cells[column] = {
            "upper": cell.upper() if cell.upper() != cell else cell.lower(),
            "title": cell.lower() if cell.lower() != cell else cell.title(),
            "space": cell.replace(" ", "  ", 2) + " ",
            "punctuation": _repunctuate(cell),
        }[kind]
        if "ß" in cell and kind == "upper":  # "SS" folds back to "ss", a different word
            row.cells[column] = cell.lower()
    return kind


def _repunctuate(cell: str) -> str:
    bare = cell.rstrip(".!?")
    return (bare + "!!!" if bare != cell else cell + ".").replace(",", " ,")


def _edit_texts(bench: Bench, row: Row, rng: Random) -> str:
    """Edit one word of each text that has at least eight; the kind names edit and length."""
    kind = rng.choice(("changed", "dropped", "inserted", "typo"))
    shortest = 10**6
    for column in bench.roles.text:
        tokens = row.cells[column].split(" ")
        if len(tokens) < 8:
            continue
        shortest = min(shortest, len(tokens))
        row.cells[column] = " ".join(_edit(tokens, kind, rng))
    length = "under 15 words" if shortest < 15 else "15 words and more"
    return f"{kind}, {length}"


def _edit(tokens: list[str], kind: str, rng: Random) -> list[str]:
    at = rng.randrange(len(tokens))
    if kind == "dropped":
        return tokens[:at] + tokens[at + 1 :]
    if kind == "inserted":
        return [*tokens[:at], rng.choice(words.COLOURS), *tokens[at:]]
    if kind == "changed":
        return [*tokens[:at], words.place(rng).lower(), *tokens[at + 1 :]]
    long = [i for i, token in enumerate(tokens) if len(token) > 4] or [at]
    at = rng.choice(long)
    spot = rng.randrange(len(tokens[at]) - 1)
    word = tokens[at]
    swapped = word[:spot] + word[spot + 1] + word[spot] + word[spot + 2 :]
    return [*tokens[:at], swapped if swapped != word else word + word[-1], *tokens[at + 1 :]]
