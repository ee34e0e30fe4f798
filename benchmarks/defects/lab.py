"""Planted faults of labels beyond the plain ones."""

from __future__ import annotations

import random

from benchmarks.defects import Planted, as_csv, copied, part, plants, some
from benchmarks.defects.base import houses, people, readings, reviews


@plants("LAB006")
def single_class(draw: random.Random) -> Planted:
    """A filter that left one class, sometimes in two spellings or with gaps."""
    table = draw.choice((people, readings, reviews))(draw, draw.randrange(200, 1500))
    label = {"churned", "state", "sentiment"}.intersection(table).pop()
    word = draw.choice(sorted(set(table[label])))
    faulty = part(table, [row for row, value in enumerate(table[label]) if value == word])
    for row in draw.sample(range(len(faulty[label])), 3):
        faulty[label][row] = draw.choice((word, word.upper(), f" {word}", None))
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   columns=frozenset({label}), roles={"label": label})  # fmt: skip


@plants("LAB007")
def outlying_target(draw: random.Random) -> Planted:
    """Prices of houses with a wrong unit, a zero too many, or a sign."""
    rows = draw.randrange(300, 2000)
    table = houses(draw, rows)
    faulty = copied(table)
    marked = some(draw, rows, share=0.01)
    for row in marked:
        factor = draw.choice((10, 100, 1000, 0.01, 0, -1))
        faulty["price"][row] = round(table["price"][row] * factor)
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   rows={"train.csv": frozenset(marked)}, columns=frozenset({"price"}),
                   roles={"label": "price"})  # fmt: skip


@plants("LAB008")
def confusable_classes(draw: random.Random) -> Planted:
    """One kind of machine was given two names, by lot."""
    classes = draw.randrange(3, 5)
    rows = draw.randrange(300, 2000)
    table = readings(draw, rows, classes)
    faulty = copied(table)
    word = draw.choice(sorted(set(table["state"])))
    share = draw.uniform(0.3, 0.7)
    faulty["state"] = [
        f"{word} b" if value == word and draw.random() < share else value
        for value in table["state"]
    ]
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   columns=frozenset({"state"}), roles={"label": "state"})  # fmt: skip


@plants("LAB009")
def label_nearly_id(draw: random.Random) -> Planted:
    """The column named as the label holds keys, file names or a numbering."""
    rows = draw.randrange(100, 1500)
    table = readings(draw, rows)
    numbers = draw.sample(range(rows * 3), rows)
    kind = draw.choice(("key", "file", "numbering", "code"))
    faulty = copied(table)
    faulty["state"] = {
        "key": [f"{table['state'][row][:3].upper()}-{n:05}" for row, n in enumerate(numbers)],
        "file": [f"img_{n:06}.png" for n in numbers],
        "numbering": draw.sample(range(1, rows + 1), rows),
        "code": [str(10**6 + n) for n in numbers],
    }[kind]  # fmt: skip
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   columns=frozenset({"state"}), roles={"label": "state"})  # fmt: skip


@plants("LAB010")
def annotator_disagreement(draw: random.Random) -> Planted:
    """Texts labelled by several people, of whom one answers by lot."""
    items = draw.randrange(60, 300)
    table = reviews(draw, items)
    people_ = draw.sample(("ann", "bob", "cem", "dea", "eli", "fay", "gus"), draw.randrange(3, 7))
    lot = draw.choice(people_)
    column = draw.choice(("annotator", "rater_id", "worker", "labeled_by"))
    classes = ("positive", "negative", "neutral")
    faulty, clean = _rated(draw, items, people_, lot, table["sentiment"], classes)
    names = ("review", "product", "text")
    tables = []
    for rated in (faulty, clean):
        made = {name: [table[name][item] for item, _, _ in rated] for name in names}
        made[column] = [who for _, who, _ in rated]
        made["sentiment"] = [given for _, _, given in rated]
        tables.append(made)
    return Planted({"train.csv": as_csv(tables[0])}, {"train.csv": as_csv(tables[1])},
                   columns=frozenset({column, "sentiment"}),
                   roles={"label": "sentiment"})  # fmt: skip


Rated = list[tuple[int, str, str]]


def _rated(
    draw: random.Random,
    items: int,
    who: list[str],
    lot: str,
    truth: list[str],
    classes: tuple[str, ...],
) -> tuple[Rated, Rated]:
    """Three ratings an item, by chance: with one who answers by lot, and without."""
    faulty: Rated = []
    clean: Rated = []
    for item in range(items):
        for one in draw.sample(who, 3):
            right = truth[item] if draw.random() > 0.02 else draw.choice(classes)
            clean.append((item, one, right))
            faulty.append((item, one, draw.choice(classes) if one == lot else right))
    return faulty, clean


@plants("LAB011")
def multi_label_column(draw: random.Random) -> Planted:
    """Some labels are two or three, with a sign between them or as a list."""
    rows = draw.randrange(200, 1500)
    table = readings(draw, rows, 4)
    faulty = copied(table)
    sign = draw.choice(("|", ";", ", ", " | ", "list"))
    words = sorted(set(table["state"]))
    marked = some(draw, rows, share=draw.choice((0.05, 0.3)))
    for row in marked:
        own = table["state"][row]
        several = [own, *draw.sample([w for w in words if w != own], draw.randrange(1, 3))]
        faulty["state"][row] = several if sign == "list" else sign.join(several)
    if sign == "list":
        faulty["state"] = [
            "[" + ", ".join(f'"{w}"' for w in (v if isinstance(v, list) else [v])) + "]"
            for v in faulty["state"]
        ]
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   rows={"train.csv": frozenset(marked)}, columns=frozenset({"state"}),
                   roles={"label": "state"})  # fmt: skip
