"""Planted defects of splits."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.defects import Frame, Planted, as_csv, part, plants
from benchmarks.defects.base import houses, people, readings, reviews


def dealt(draw: random.Random, rows: int, held: float) -> tuple[list[int], list[int]]:
    """Which rows are for training and which are held out, at random, in their order."""
    order = list(range(rows))
    draw.shuffle(order)
    cut = max(1, int(rows * held))
    return sorted(order[cut:]), sorted(order[:cut])


def two(table: Frame, kept: Sequence[int], held: Sequence[int]) -> dict[str, bytes]:
    """A training and a test file of these rows."""
    return {"train.csv": as_csv(part(table, kept)), "test.csv": as_csv(part(table, held))}


@plants("SPL004")
def other_shares(draw: random.Random) -> Planted:
    """The hold-out holds one class far more often."""
    label, make = draw.choice((("churned", people), ("sentiment", reviews), ("state", readings)))
    table = make(draw, draw.randrange(600, 1800))
    kept, held = dealt(draw, len(table[label]), draw.uniform(0.3, 0.4))
    favoured = table[label][held[0]]
    skew = draw.uniform(0.15, 0.45)
    skewed = [i for i in held if table[label][i] == favoured or draw.random() < skew]
    return Planted(
        two(table, kept, skewed),
        two(table, kept, held),
        columns=frozenset({label}),
        roles={"label": label},
    )


@plants("SPL005")
def few_rows(draw: random.Random) -> Planted:
    """Few training rows, or a class of which hardly a row is held out."""
    table = people(draw, 1500)
    label = "churned"
    if draw.random() < 0.5:
        few = sorted(draw.sample(range(1500), draw.randrange(8, 45)))
        return Planted(
            {"train.csv": as_csv(part(table, few))},
            {"train.csv": as_csv(table)},
            roles={"label": label},
        )
    kept, held = dealt(draw, 1500, 0.35)
    rare = draw.choice(("yes", "no"))
    mine = [i for i in held if table[label][i] == rare][: draw.randrange(2, 8)]
    lacking = sorted([i for i in held if table[label][i] != rare] + mine)
    more = [i for i in kept if table[label][i] != rare][:200]
    lacking = sorted({*lacking, *more})
    left = [i for i in kept if i not in set(lacking)]
    return Planted(
        two(table, left, lacking),
        two(table, kept, held),
        columns=frozenset({label}),
        roles={"label": label},
    )


@plants("SPL006")
def sorted_file(draw: random.Random) -> Planted:
    """A file sorted by its label, a numeric target, or the day."""
    make, key, roles = draw.choice(
        (
            (people, "churned", {"label": "churned"}),
            (reviews, "sentiment", {"label": "sentiment"}),
            (houses, "price", {"label": "price"}),
            (readings, "state", {"label": "state"}),
            (people, "joined", {"label": "churned", "time": "joined"}),
            (reviews, "written", {"label": "sentiment", "time": "written"}),
        )
    )
    table = make(draw, draw.randrange(120, 1500))
    order = sorted(range(len(table[key])), key=lambda i: table[key][i])
    if draw.random() < 0.3:
        order.reverse()
    return Planted(
        {"train.csv": as_csv(part(table, order))},
        {"train.csv": as_csv(table)},
        columns=frozenset({key}),
        roles=roles,
    )


@plants("SPL007")
def swapped_files(draw: random.Random) -> Planted:
    """Training and test file are swapped."""
    make, label = draw.choice(((people, "churned"), (reviews, "sentiment"), (houses, "price")))
    table = make(draw, draw.randrange(200, 1500))
    kept, held = dealt(draw, len(table[label]), draw.uniform(0.1, 0.4))
    return Planted(two(table, held, kept), two(table, kept, held), roles={"label": label})


@plants("SPL008")
def one_holdout_twice(draw: random.Random) -> Planted:
    """The validation rows are the test rows in another order, or half of them are."""
    make, label, key = draw.choice(
        ((people, "churned", "customer"), (reviews, "sentiment", "review"), (houses, "price", ""))
    )
    table = make(draw, draw.randrange(400, 1500))
    kept, held = dealt(draw, len(table[label]), 0.4)
    half = len(held) // 2
    first, second = held[:half], held[half:]
    share = draw.choice((1.0, 1.0, draw.uniform(0.1, 0.6)))
    copies = draw.sample(first, max(2, int(share * len(first))))
    again = copies + (second[: half - len(copies)] if share < 1 else [])
    draw.shuffle(again)
    renamed = part(table, again)
    if key and draw.random() < 0.5:
        renamed[key] = [f"N{draw.randrange(10**6):06d}-{i}" for i in range(len(again))]
    base = {"train.csv": as_csv(part(table, kept)), "validation.csv": as_csv(part(table, first))}
    flagged = frozenset(i for i, row in enumerate(again) if row in set(copies))
    return Planted(
        {**base, "test.csv": as_csv(renamed)},
        {**base, "test.csv": as_csv(part(table, second))},
        rows={"test.csv": flagged},
        roles={"label": label},
    )
