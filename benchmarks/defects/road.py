"""Planters of the first checks: duplicates, labels, leakage, splits, formatting."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from benchmarks.defects import Frame, Planted, as_csv, copied, part, plants, some
from benchmarks.defects.base import (
    LAST,
    houses,
    people,
    readings,
    reviews,
)


def _train(dirty: Frame, clean: Frame, rows: Sequence[int] = (), **more: Any) -> Planted:
    """A defect of a single file."""
    return Planted(
        {"train.csv": as_csv(dirty)},
        {"train.csv": as_csv(clean)},
        {"train.csv": frozenset(rows)} if rows else {},
        **more,
    )


def size(draw: random.Random) -> int:
    return draw.randrange(400, 1500)


def _appended(draw: random.Random, table: Frame, copies: list[dict[str, Any]]) -> list[int]:
    """Put rows in at random places behind the first half; their numbers."""
    height = len(next(iter(table.values())))
    places = sorted(draw.sample(range(height // 2, height), len(copies)))
    for place, row in zip(reversed(places), reversed(copies), strict=True):
        for name, values in table.items():
            values.insert(place, row[name])
    return [place + before for before, place in enumerate(places)]


def row_of(table: Frame, at: int) -> dict[str, Any]:
    return {name: values[at] for name, values in table.items()}


@plants("DUP001")
def duplicate_rows(draw: random.Random) -> Planted:
    clean = draw.choice((people, reviews, houses))(draw, size(draw))
    dirty = copied(clean)
    half = len(next(iter(clean.values()))) // 2
    copies = [row_of(clean, draw.randrange(half)) for _ in range(draw.randrange(3, 30))]
    return _train(dirty, clean, _appended(draw, dirty, copies))


@plants("DUP002")
def duplicate_after_normalising(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    dirty = copied(clean)
    half = len(clean["text"]) // 2
    copies = []
    for at in draw.sample(range(half), draw.randrange(3, 20)):
        row = row_of(clean, at)
        text = row["text"]
        row["text"] = draw.choice(
            (text.upper(), text.lower(), text.replace(".", ""), text.replace(" ", "  "), f"{text}!")
        )
        copies.append(row)
    return _train(dirty, clean, _appended(draw, dirty, copies))


@plants("DUP003")
def near_duplicate_text(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    dirty = copied(clean)
    half = len(clean["text"]) // 2
    copies = []
    chosen = draw.sample(range(half), draw.randrange(3, 20))
    for n, at in enumerate(chosen):
        words = clean["text"][at].split()
        place = draw.randrange(len(words))
        words[place : place + 1] = draw.choice(([], ["really", words[place]], ["quite"]))
        copies.append({**row_of(clean, at), "text": " ".join(words), "review": 90000 + n})
    rows = chosen + _appended(draw, dirty, copies)  # all behind the rows that they repeat
    return _train(dirty, clean, rows, roles={"label": "sentiment"})


@plants("DUP004")
def duplicate_id(draw: random.Random) -> Planted:
    clean = people(draw, size(draw))
    dirty = copied(clean)
    rows = some(draw, len(clean["age"]) // 2, share=0.01)
    twins = [at + len(clean["age"]) // 2 for at in rows]
    for at, twin in zip(rows, twins, strict=True):
        dirty["customer"][twin] = dirty["customer"][at]
    return _train(dirty, clean, sorted(rows + twins), roles={"id": "customer"})


@plants("LAB001")
def missing_label(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    dirty = copied(clean)
    rows = some(draw, len(clean["text"]))
    word = draw.choice((None, "", "n/a", "unlabeled", "?", "NULL"))
    for at in rows:
        dirty["sentiment"][at] = word
    return _train(dirty, clean, rows, roles={"label": "sentiment"})


@plants("LAB002")
def mislabelled_rows(draw: random.Random) -> Planted:
    table, label = draw.choice(
        ((reviews(draw, size(draw)), "sentiment"), (readings(draw, size(draw)), "state"))
    )
    dirty = copied(table)
    rows = some(draw, len(table[label]))
    classes = sorted(set(table[label]))
    for at in rows:
        dirty[label][at] = draw.choice([c for c in classes if c != table[label][at]])
    return _train(dirty, table, rows, roles={"label": label})


@plants("LAB003")
def conflicting_labels(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    dirty = copied(clean)
    half = len(clean["text"]) // 2
    chosen = draw.sample(range(half), draw.randrange(3, 15))
    other = {"positive": "negative", "negative": "positive"}
    copies = [
        {**row_of(clean, at), "sentiment": other[clean["sentiment"][at]], "review": 70000 + n}
        for n, at in enumerate(chosen)
    ]
    rows = _appended(draw, dirty, copies)  # all behind the rows that they contradict
    return _train(dirty, clean, sorted(chosen + rows), roles={"label": "sentiment"})


@plants("LAB004")
def label_spelling_variants(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    dirty = copied(clean)
    rows = some(draw, len(clean["text"]), least=4)
    for at in rows:
        word = dirty["sentiment"][at]
        middle = draw.randrange(2, len(word) - 2)
        slip = word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :]
        dirty["sentiment"][at] = draw.choice(
            (word.upper(), word.title(), f"{word} ", f"{word}.", slip)
        )
        if dirty["sentiment"][at] == word:
            dirty["sentiment"][at] = word.upper()
    return _train(dirty, clean, rows, roles={"label": "sentiment"})


@plants("LAB005")
def class_imbalance(draw: random.Random) -> Planted:
    clean = reviews(draw, 2 * size(draw))
    rare = [at for at, each in enumerate(clean["sentiment"]) if each == "negative"]
    kept = set(draw.sample(rare, draw.randrange(4, 9)))
    rows = [at for at, each in enumerate(clean["sentiment"]) if each == "positive" or at in kept]
    return _train(
        part(clean, rows), clean, columns=frozenset({"sentiment"}), roles={"label": "sentiment"}
    )


def _messed(
    draw: random.Random, clean: Frame, column: str, mess: Any, share: float = 0.02
) -> Planted:
    """A column in which some cells are changed by `mess`."""
    dirty = copied(clean)
    rows = some(draw, len(clean[column]), share=share)
    for at in rows:
        dirty[column][at] = mess(str(dirty[column][at]))
    return _train(dirty, clean, rows)


@plants("FMT001")
def number_stored_as_text(draw: random.Random) -> Planted:
    clean = people(draw, size(draw))
    mess = draw.choice(
        (
            lambda v: f"${v}",
            lambda v: f"{v} EUR",
            lambda v: v.replace(".", ","),
            lambda v: f"{float(v) * 100:,.2f}",
            lambda v: f"~{v}",
        )
    )
    return _messed(draw, clean, "spent", mess)


@plants("FMT002")
def mixed_date_formats(draw: random.Random) -> Planted:
    make, column = draw.choice(((people, "joined"), (reviews, "written")))
    form = draw.choice(("{d}.{m}.{y}", "{d}/{m}/{y}", "{y}{m}{d}", "{y}/{m}/{d}"))

    def mess(value: str) -> str:
        year, month, day = value.split("-")
        return form.format(y=year, m=month, d=day)

    return _messed(draw, make(draw, size(draw)), column, mess, share=0.05)


@plants("FMT003")
def stray_whitespace(draw: random.Random) -> Planted:
    column = draw.choice(("city", "name", "plan"))
    mess = draw.choice(
        (
            lambda v: f" {v}",
            lambda v: f"{v} ",
            lambda v: f"{v}\t",
            lambda v: f"{v}\u00a0",
            lambda v: f"\u200b{v}",
        )
    )
    return _messed(draw, people(draw, size(draw)), column, mess)


@plants("FMT004")
def disguised_missing(draw: random.Random) -> Planted:
    column = draw.choice(("city", "age", "spent", "joined"))
    word = draw.choice(("N/A", "null", "-", "?", "unknown", "none", "#N/A"))
    if column == "age":
        word = draw.choice((word, "-999", "999"))
    return _messed(draw, people(draw, size(draw)), column, lambda _: word)


@plants("FMT005")
def mojibake(draw: random.Random) -> Planted:
    clean = people(draw, size(draw))
    names = ("José", "Zoë", "Jürgen", "François", "Åsa", "Łukasz")
    clean["name"] = [f"{draw.choice(names)} {draw.choice(LAST)}" for _ in clean["name"]]
    return _messed(draw, clean, "name", lambda v: v.encode().decode("cp1252", "replace"), share=0.1)


@plants("FMT006")
def missing_values(draw: random.Random) -> Planted:
    column = draw.choice(("city", "age", "spent", "joined"))
    return _messed(draw, people(draw, size(draw)), column, lambda _: "", share=0.1)


@plants("FMT007")
def constant_column(draw: random.Random) -> Planted:
    clean = people(draw, size(draw))
    value = draw.choice(("EU", 1, 0.0, "active"))
    dirty = {**copied(clean), "region": [value] * len(clean["age"])}
    return _train(dirty, clean, columns=frozenset({"region"}))


def _halves(draw: random.Random, table: Frame) -> tuple[Frame, Frame]:
    """A random split, three to one."""
    height = len(next(iter(table.values())))
    order = draw.sample(range(height), height)
    cut = height * 3 // 4
    return part(table, sorted(order[:cut])), part(table, sorted(order[cut:]))


def _pair(
    train: Frame, dirty: Frame, clean: Frame, rows: Sequence[int] = (), **more: Any
) -> Planted:
    """A defect that shows in the test split."""
    head = as_csv(train)
    return Planted(
        {"train.csv": head, "test.csv": as_csv(dirty)},
        {"train.csv": head, "test.csv": as_csv(clean)},
        {"test.csv": frozenset(rows)} if rows else {},
        **more,
    )


@plants("LEK001")
def test_row_in_train(draw: random.Random) -> Planted:
    train, test = _halves(draw, draw.choice((people, reviews, houses))(draw, size(draw)))
    dirty = copied(test)
    rows = some(draw, len(next(iter(test.values()))), share=0.05)
    for at in rows:
        source = draw.randrange(len(next(iter(train.values()))))
        for name, values in dirty.items():
            values[at] = train[name][source]
    return _pair(train, dirty, test, rows)


@plants("LEK002")
def near_duplicate_across_splits(draw: random.Random) -> Planted:
    train, test = _halves(draw, reviews(draw, size(draw)))
    dirty = copied(test)
    rows = some(draw, len(test["text"]), share=0.05)
    for at in rows:
        words = train["text"][draw.randrange(len(train["text"]))].split()
        words[draw.randrange(len(words))] = draw.choice(("rather", "surely", "often"))
        dirty["text"][at] = " ".join(words)
    return _pair(train, dirty, test, rows)


@plants("LEK003")
def group_in_both_splits(draw: random.Random) -> Planted:
    table = readings(draw, size(draw))
    height = len(table["state"])
    patients = height // draw.randrange(4, 9)
    table["patient"] = sorted(f"P{draw.randrange(patients):04d}" for _ in range(height))
    cut = next(
        at
        for at in range(height * 3 // 4, height)
        if table["patient"][at] != table["patient"][at - 1]
    )
    train, test = part(table, range(cut)), part(table, range(cut, height))
    dirty = copied(test)
    rows = some(draw, len(test["state"]), share=0.05)
    for at in rows:
        dirty["patient"][at] = draw.choice(train["patient"])
    return _pair(train, dirty, test, rows, roles={"group": "patient", "label": "state"})


@plants("LEK004")
def label_leaking_feature(draw: random.Random) -> Planted:
    clean = people(draw, size(draw))
    leak = {
        "yes": draw.choice(("closed", "1", "cancelled")),
        "no": draw.choice(("open", "0", "running")),
    }
    dirty = {**copied(clean), "status": [leak[each] for each in clean["churned"]]}
    twin = {**copied(clean), "status": [draw.choice(list(leak.values())) for _ in clean["churned"]]}
    return _train(dirty, twin, columns=frozenset({"status"}), roles={"label": "churned"})


@plants("LEK005")
def order_predicts_label(draw: random.Random) -> Planted:
    clean = reviews(draw, size(draw))
    rows = sorted(range(len(clean["text"])), key=lambda at: clean["sentiment"][at])
    dirty = part(clean, rows)
    dirty["review"] = list(clean["review"])
    return _train(dirty, clean, columns=frozenset(), roles={"label": "sentiment", "id": "review"})


@plants("SPL001")
def no_holdout(draw: random.Random) -> Planted:
    train, test = _halves(draw, people(draw, size(draw)))
    return Planted(
        {"train.csv": as_csv(train)}, {"train.csv": as_csv(train), "test.csv": as_csv(test)}
    )


@plants("SPL002")
def holdout_too_small(draw: random.Random) -> Planted:
    table = people(draw, 1600)
    train, test = part(table, range(1200)), part(table, range(1200, 1600))
    small = part(test, range(draw.randrange(5, 40)))
    return _pair(train, small, test, roles={"label": "churned"})


@plants("SPL003")
def class_missing_in_split(draw: random.Random) -> Planted:
    classes = draw.randrange(3, 6)
    train, test = _halves(draw, readings(draw, size(draw), classes))
    gone = draw.choice(sorted(set(train["state"])))
    kept = [at for at, each in enumerate(train["state"]) if each != gone]
    rows = [at for at, each in enumerate(test["state"]) if each == gone]
    return Planted(
        {"train.csv": as_csv(part(train, kept)), "test.csv": as_csv(test)},
        {"train.csv": as_csv(train), "test.csv": as_csv(test)},
        {"test.csv": frozenset(rows)},
        roles={"label": "state"},
    )
