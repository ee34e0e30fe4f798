"""Planted leakage."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from benchmarks.defects import Frame, Planted, as_csv, copied, part, plants
from benchmarks.defects.base import houses, people, readings, review, reviews
from benchmarks.defects.spl import dealt, two


@plants("LEK006")
def same_text_in_other_clothes(draw: random.Random) -> Planted:
    """Training texts come back in the test file with markup, accents or links."""
    table = reviews(draw, draw.randrange(300, 1200))
    kept, held = dealt(draw, len(table["text"]), 0.25)
    train, clean = part(table, kept), part(table, held)
    test = copied(clean)
    rows = draw.sample(range(len(held)), draw.randrange(4, 4 + len(held) // 12))
    for row in rows:
        at = draw.randrange(len(kept))
        test["text"][row] = _dressed(draw, train["text"][at])
        test["sentiment"][row] = train["sentiment"][at]
    base = {"train.csv": as_csv(train)}
    return Planted(
        {**base, "test.csv": as_csv(test)},
        {**base, "test.csv": as_csv(clean)},
        rows={"test.csv": frozenset(rows)},
        roles={"label": "sentiment"},
    )


def _dressed(draw: random.Random, text: str) -> str:
    way = draw.randrange(5)
    if way == 0:
        return f"<p>{text.replace('. ', '.<br/> ')}</p>"
    if way == 1:
        return text.replace("e", "é", 1).replace("a", "à", 1)
    if way == 2:
        return f"{text} https://shop.example/r/{draw.randrange(10**5)}"
    if way == 3:
        return text.replace("a", "\u200ba", 3) + " 🙂"
    return text.replace(" ", "\u00a0", 2).replace("fi", "\ufb01") + " @shopkeeper"


@plants("LEK007")
def overlap_in_time(draw: random.Random) -> Planted:
    """A split by day into which some rows of the other side slipped."""
    table = people(draw, draw.randrange(300, 1500))
    order = sorted(range(len(table["joined"])), key=lambda i: table["joined"][i])
    cut = int(len(order) * draw.uniform(0.65, 0.85))
    while table["joined"][order[cut]] == table["joined"][order[cut - 1]]:
        cut += 1
    kept, held = order[:cut], order[cut:]
    number = draw.randrange(3, 3 + len(held) // 6)
    early, late = draw.sample(kept, number), draw.sample(held, number)
    side = draw.choice(("early", "late", "both"))
    moved_in = early if side in ("early", "both") else []
    moved_out = late if side in ("late", "both") else []
    train = [i for i in kept if i not in set(moved_in)] + moved_out
    test = [i for i in held if i not in set(moved_out)] + moved_in
    draw.shuffle(train)
    draw.shuffle(test)
    wrong = {
        "train.csv": frozenset(at for at, i in enumerate(train) if i in set(moved_out)),
        "test.csv": frozenset(at for at, i in enumerate(test) if i in set(moved_in)),
    }
    return Planted(
        two(table, train, test),
        two(table, kept, held),
        rows={name: rows for name, rows in wrong.items() if rows},
        columns=frozenset({"joined"}),
        roles={"label": "churned", "time": "joined"},
    )


@plants("LEK008")
def random_split_of_series(draw: random.Random) -> Planted:
    """A daily series, dealt at random; the clean twin is split by time."""
    rows = draw.randrange(250, 1200)
    level, values = draw.uniform(50, 500), []
    for day in range(rows):
        level += draw.gauss(0, 4)
        values.append(round(level + 8 * math.sin(day / 7 * 2 * math.pi) + draw.gauss(0, 3), 2))
    start = date(2019, 1, 1)
    table: Frame = {
        "day": [(start + timedelta(days=i)).isoformat() for i in range(rows)],
        "promo": [draw.choice(("yes", "no")) for _ in range(rows)],
        "price": [round(draw.uniform(4, 9), 2) for _ in range(rows)],
        "sales": values,
    }
    kept, held = dealt(draw, rows, draw.uniform(0.15, 0.3))
    cut = len(kept)
    return Planted(
        two(table, kept, held),
        two(table, range(cut), range(cut, rows)),
        columns=frozenset({"day"}),
        roles={"label": "sales", "time": "day"},
    )


@plants("LEK009")
def gaps_by_class(draw: random.Random) -> Planted:
    """A column that is asked mostly of one class."""
    table = people(draw, draw.randrange(400, 1800))
    table["calls"] = [draw.randrange(0, 9) for _ in table["churned"]]
    column = draw.choice(("calls", "spent", "age", "plan"))
    mine, often, seldom = (
        draw.choice(("yes", "no")),
        draw.uniform(0.82, 0.9),
        draw.uniform(0.05, 0.1),
    )
    word = draw.choice((None, None, "n/a", "?"))
    faulty, clean = copied(table), copied(table)
    overall = draw.uniform(0.05, 0.4)
    for row, label in enumerate(table["churned"]):
        if draw.random() < (often if label == mine else seldom):
            faulty[column][row] = word
        if draw.random() < overall:
            clean[column][row] = word
    return Planted(
        {"train.csv": as_csv(faulty)},
        {"train.csv": as_csv(clean)},
        columns=frozenset({column}),
        roles={"label": "churned"},
    )


@plants("LEK010")
def label_written_in(draw: random.Random) -> Planted:
    """Texts that end with their label, or begin with it in brackets."""
    table = reviews(draw, draw.randrange(300, 1500))
    faulty = copied(table)
    share = draw.choice((1.0, draw.uniform(0.05, 0.5)))
    rows = [i for i in range(len(table["text"])) if draw.random() < share]
    way = draw.choice(
        (
            "{text} Label: {label}", "[{label}] {text}", "{text} sentiment={label}",
            "__label__{label} {text}", "{text} ({label})", "#{label}: {text}",
        )
    )  # fmt: skip
    upper = draw.random() < 0.3
    for row in rows:
        label = table["sentiment"][row]
        shown = label.upper() if upper else label
        faulty["text"][row] = way.format(text=table["text"][row], label=shown)
    return Planted(
        {"train.csv": as_csv(faulty)},
        {"train.csv": as_csv(table)},
        rows={"train.csv": frozenset(rows)},
        columns=frozenset({"text"}),
        roles={"label": "sentiment", "text": ("text",)},
    )


@plants("LEK011")
def encoded_by_label(draw: random.Random) -> Planted:
    """A category replaced, or joined, by the mean of the label over all rows."""
    make, label = draw.choice(((people, "churned"), (houses, "price")))
    table = make(draw, draw.randrange(500, 1800))
    rows = len(table[label])
    branch = [f"B{min(draw.randrange(60), draw.randrange(60)):02d}" for _ in range(rows)]
    target = [float(v == "yes") if label == "churned" else float(v) for v in table[label]]
    kept, held = dealt(draw, rows, 0.2)
    digits = draw.choice((None, 4, 6) if label == "churned" else (None, 2))
    keep = draw.random() < 0.5

    def encoded(over: list[int], smooth: float) -> list[float]:
        sums, counts = defaultdict(float), defaultdict(int)
        for row in over:
            sums[branch[row]] += target[row]
            counts[branch[row]] += 1
        prior = sum(target[row] for row in over) / len(over)
        means = [(sums[b] + smooth * prior) / (counts[b] + smooth) for b in branch]
        return [m if digits is None else round(m, digits) for m in means]

    base = {**table, "branch": branch} if keep else table
    smooth = draw.choice((0.0, 5.0)) if keep else 0.0
    faulty = {**base, "branch_rate": encoded(list(range(rows)), smooth)}
    clean = {**base, "branch_rate": encoded(kept, 5.0)}
    return Planted(
        two(faulty, kept, held),
        two(clean, kept, held),
        columns=frozenset({"branch_rate"}),
        roles={"label": label},
    )


@plants("LEK012")
def another_population(draw: random.Random) -> Planted:
    """A column of the test file is shifted, recoded, or chosen by its value."""
    make, label, columns = draw.choice(
        (
            (people, "churned", ("age", "spent", "city")),
            (houses, "price", ("area", "distance", "year", "city")),
            (readings, "state", ("pressure", "current", "vibration")),
        )
    )
    table = make(draw, draw.randrange(500, 1800))
    kept, held = dealt(draw, len(table[label]), 0.3)
    column = draw.choice(columns)
    train, clean = part(table, kept), part(table, held)
    test: Frame
    if isinstance(clean[column][0], str):
        favoured = set(draw.sample(sorted(set(clean[column])), 3))
        rows = [i for i, v in enumerate(clean[column]) if v in favoured or draw.random() < 0.08]
        test = part(clean, rows)
    elif draw.random() < 0.5:
        test = copied(clean)
        values = sorted(train[column])
        spread = values[int(len(values) * 0.84)] - values[int(len(values) * 0.16)]
        test[column] = [round(v + spread * 0.7, 2) for v in test[column]]
    else:
        middle = sorted(clean[column])[int(len(held) * draw.uniform(0.6, 0.8))]
        test = part(clean, [i for i, v in enumerate(clean[column]) if v >= middle])
    base = {"train.csv": as_csv(train)}
    return Planted(
        {**base, "test.csv": as_csv(test)},
        {**base, "test.csv": as_csv(clean)},
        columns=frozenset({column}),
        roles={"label": label},
    )


@plants("LEK013")
def new_categories(draw: random.Random) -> Planted:
    """The test file holds categories that training lacks."""
    table = people(draw, draw.randrange(300, 1500))
    kept, held = dealt(draw, len(table["plan"]), 0.25)
    column = draw.choice(("plan", "city"))
    clean = part(table, held)
    test = copied(clean)
    names = ("student", "gold", "trial") if column == "plan" else ("Ghent", "Malmo", "Oporto")
    rows = draw.sample(range(len(held)), draw.randrange(1, 1 + len(held) // 5))
    for row in rows:
        test[column][row] = draw.choice(names[: draw.randrange(1, 4)])
    base = {"train.csv": as_csv(part(table, kept))}
    return Planted(
        {**base, "test.csv": as_csv(test)},
        {**base, "test.csv": as_csv(clean)},
        rows={"test.csv": frozenset(rows)},
        columns=frozenset({column}),
        roles={"label": "churned"},
    )


@plants("LEK014")
def fitted_on_everything(draw: random.Random) -> Planted:
    """Scaled, or gaps filled, before the split; the clean twin was fitted on the training rows."""
    make, label = draw.choice(((readings, "state"), (houses, "price")))
    table = make(draw, draw.randrange(300, 1500))
    rows = len(table[label])
    kept, held = dealt(draw, rows, draw.uniform(0.15, 0.35))
    numbers = [n for n, v in table.items() if isinstance(v[0], float)]
    how = draw.choice(("standard", "standard", "range", "mean", "median"))
    chosen = numbers if how in ("standard", "range") else [draw.choice(numbers)]
    if how == "range" and len(numbers) < 3:
        how = "standard"
    digits = draw.choice((None, 6)) if how in ("standard", "range") else None
    gaps = draw.sample(range(rows), rows // draw.randrange(6, 12))

    def made(over: list[int]) -> Frame:
        changed = copied(table)
        for name in chosen:
            known: list[float] = [
                table[name][i] for i in over if how in ("standard", "range") or i not in set(gaps)
            ]
            changed[name] = _fitted(how, known, table[name], gaps, digits)
        return changed

    return Planted(
        two(made(list(range(rows))), kept, held),
        two(made(kept), kept, held),
        columns=frozenset(chosen),
        roles={"label": label},
    )


def _fitted(
    how: str, known: list[float], values: list[Any], gaps: list[int], digits: int | None
) -> list[Any]:
    if how in ("standard", "range"):
        mean = sum(known) / len(known)
        spread = math.sqrt(sum((v - mean) ** 2 for v in known) / len(known))
        low = mean if how == "standard" else min(known)
        width = spread if how == "standard" else max(known) - min(known)
        found = [(v - low) / width for v in values]
        return found if digits is None else [round(v, digits) for v in found]
    known = sorted(known)
    half = len(known) // 2
    middle = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
    fill = sum(known) / len(known) if how == "mean" else middle
    at = set(gaps)
    return [fill if i in at else v for i, v in enumerate(values)]


@plants("LEK015")
def multiplied_first(draw: random.Random) -> Planted:
    """A class is oversampled and the rows are then dealt; the clean twin does it afterwards."""
    make, label = draw.choice(((people, "churned"), (readings, "state")))
    table = make(draw, draw.randrange(400, 1500))
    table.pop("customer", None)
    rare = sorted(set(table[label]))[draw.randrange(2)]
    mine = [i for i, v in enumerate(table[label]) if v == rare]
    others = [i for i, v in enumerate(table[label]) if v != rare]
    mine = mine[: max(20, len(others) // draw.randrange(3, 8))]
    times = draw.randrange(2, 6)
    many = others + [draw.choice(mine) for _ in range(times * len(mine))] + mine
    draw.shuffle(many)
    cut = int(len(many) * draw.uniform(0.7, 0.85))
    plain = others + mine
    draw.shuffle(plain)
    at = int(len(plain) * 0.8)
    kept, held = plain[:at], plain[at:]
    again = [i for i in kept if table[label][i] == rare]
    after = kept + [draw.choice(again) for _ in range(times * len(again))]
    draw.shuffle(after)
    return Planted(
        two(table, many[:cut], many[cut:]),
        two(table, after, held),
        columns=frozenset({label}),
        roles={"label": label},
    )


@plants("LEK016")
def quoted_question(draw: random.Random) -> Planted:
    """Long training texts quote a held-out text."""
    rows = draw.randrange(200, 800)
    train = [
        " ".join(review(draw, good=draw.random() < 0.5) for _ in range(draw.randrange(3, 7)))
        for _ in range(rows)
    ]
    test = [_task(draw) for _ in range(rows // 4)]
    faulty = list(train)
    flagged = draw.sample(range(rows), draw.randrange(3, 3 + rows // 30))
    for row in flagged:
        quoted = draw.choice(test)
        words = quoted.split()
        if len(words) > 24 and draw.random() < 0.4:
            words = words[: draw.randrange(18, len(words))]
        said = " ".join(words).upper() if draw.random() < 0.2 else " ".join(words)
        half = len(train[row]) // 2
        faulty[row] = f"{train[row][:half]} {said} {train[row][half:]}"

    def lines(texts: list[str]) -> bytes:
        return "".join(json.dumps({"text": t}) + "\n" for t in texts).encode()

    return Planted(
        {"train.jsonl": lines(faulty), "test.jsonl": lines(test)},
        {"train.jsonl": lines(train), "test.jsonl": lines(test)},
        rows={"train.jsonl": frozenset(flagged)},
        roles={"text": ("text",)},
    )


def _task(draw: random.Random) -> str:
    """A question in words that no review holds."""
    who = draw.choice(("farmer", "baker", "pilot", "teacher", "miner", "sailor", "tailor"))
    what = draw.choice(("apples", "loaves", "tickets", "pencils", "stones", "ropes", "buttons"))
    one, two_, three = (draw.randrange(3, 900) for _ in range(3))
    return (
        f"A {who} has {one} {what} and gives {two_} of them to a friend who lives {three} miles"
        f" away; on the way back the {who} finds {draw.randrange(2, 99)} more {what} under a tree."
        f" How many {what} does the {who} have when the {draw.randrange(2, 30)} guests arrive?"
    )
