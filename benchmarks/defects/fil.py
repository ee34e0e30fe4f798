"""Planters of the faults of files beyond the first eight."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

from benchmarks.defects import Frame, Planted, as_csv, copied, part, plants, some
from benchmarks.defects.base import houses, people, readings, reviews

TABLES = (people, reviews, houses, readings)


def _table(draw: random.Random, kinds: Sequence[Callable[..., Frame]] = TABLES) -> Frame:
    return draw.choice(kinds)(draw, draw.randrange(200, 1500))


def _height(table: Frame) -> int:
    return len(next(iter(table.values())))


def _file(
    dirty: bytes, clean: bytes, rows: Sequence[int] = (), columns: Sequence[str] = ()
) -> Planted:
    named = {"train.csv": frozenset(rows)} if rows else {}
    return Planted({"train.csv": dirty}, {"train.csv": clean}, named, frozenset(columns))


def _records(table: Frame) -> list[bytes]:
    """The header and the records as lines without line ends; no cell spans lines."""
    return as_csv(table).removesuffix(b"\n").split(b"\n")


@plants("FIL009")
def mixed_line_endings(draw: random.Random) -> Planted:
    lines = _records(_table(draw))
    most, other = draw.choice(((b"\n", b"\r\n"), (b"\r\n", b"\n")))
    if draw.random() < 0.4:  # a part that was appended elsewhere
        size = draw.randrange(5, len(lines) // 3)
        rows = list(range(len(lines) - 1 - size, len(lines) - 1))
    else:
        rows = some(draw, len(lines) - 1)
    odd = {row + 1 for row in rows}
    dirty = b"".join(line + (other if i in odd else most) for i, line in enumerate(lines))
    return _file(dirty, b"".join(line + most for line in lines), rows)


@plants("FIL010")
def nul_bytes(draw: random.Random) -> Planted:
    lines = _records(_table(draw))
    clean = b"\n".join(lines) + b"\n"
    rows = some(draw, len(lines) - 1, least=1)
    for row in rows:
        line = lines[row + 1]
        place = line.index(b",") if draw.random() < 0.5 else len(line) // 2
        lines[row + 1] = line[:place] + b"\0" * draw.randrange(1, 9) + line[place:]
    return _file(b"\n".join(lines) + b"\n", clean, rows)


@plants("FIL011")
def blank_lines(draw: random.Random) -> Planted:
    table = _table(draw)
    lines = _records(table)
    clean = b"\n".join(lines) + b"\n"
    places = some(draw, len(lines) - 1, least=1, share=0.01)
    empty = draw.random() < 0.5
    blank = b"," * (len(table) - 1) if empty else draw.choice((b"", b"  ", b"\t"))
    rows = [place + before for before, place in enumerate(places)]
    for row in rows:
        lines.insert(row + 1, blank)
    return _file(b"\n".join(lines) + b"\n", clean, rows if empty else ())


@plants("FIL012")
def repeated_header(draw: random.Random) -> Planted:
    lines = _records(_table(draw))
    clean = b"\n".join(lines) + b"\n"
    places = sorted(draw.sample(range(20, len(lines) - 1), draw.randrange(1, 5)))
    rows = [place + before for before, place in enumerate(places)]
    for row in rows:
        lines.insert(row + 1, lines[0])
    return _file(b"\n".join(lines) + b"\n", clean, rows)


@plants("FIL013")
def saved_index_column(draw: random.Random) -> Planted:
    table = _table(draw)
    height, way = _height(table), draw.randrange(4)
    if way == 3:
        at = draw.randrange(1, len(table))
        names = ["" if i == at else name for i, name in enumerate(table)]
        lines = _records(table)
        lines[0] = ",".join(names).encode()
        return _file(b"\n".join(lines) + b"\n", as_csv(table), columns=[f"column_{at + 1}"])
    numbers = list(range(height))
    if way == 1:
        draw.shuffle(numbers)
    elif way == 2:  # the training part of a larger frame
        numbers = sorted(draw.sample(range(round(height * 1.25)), height))
    name = draw.choice(("", "", "Unnamed: 0", "index"))
    dirty = as_csv({name: numbers, **table})
    return _file(dirty, as_csv(table), columns=[name or "column_1"])


@plants("FIL014")
def wrong_delimiter(draw: random.Random) -> Planted:
    table = _table(draw)
    clean = as_csv(table)
    way = draw.randrange(4)
    if way == 0:
        text = clean.decode().replace(",", ", ")
        return _file(text.encode(), clean)
    if way == 1:
        mark = draw.choice((":", "^", "~"))
        return _file(as_csv(_without(table, mark), delimiter=mark), clean)
    rows = some(draw, _height(table), least=1)
    mark = draw.choice((";", "\t", "|"))
    lines = _records(table)
    other = as_csv(table, delimiter=mark).removesuffix(b"\n").split(b"\n")
    for row in rows:
        lines[row + 1] = other[row + 1]
    return _file(b"\n".join(lines) + b"\n", clean, rows)


def _without(table: Frame, mark: str) -> Frame:
    return {
        name: [v.replace(mark, " ") if isinstance(v, str) else v for v in values]
        for name, values in table.items()
    }


@plants("FIL015")
def preamble_or_footer(draw: random.Random) -> Planted:
    table = _table(draw)
    lines = _records(table)
    clean = b"\n".join(lines) + b"\n"
    height, way = _height(table), draw.randrange(4)
    spare = b"," * (len(table) - 1)
    if way == 0:
        titles = [b"Quarterly export of the west region", b"# created by the export tool, v2"]
        above = titles[: draw.randrange(1, 3)]
        if draw.random() < 0.5:
            above = [titles[0] + spare]
        return _file(b"\n".join([*above, *lines]) + b"\n", clean)
    if way == 1:
        notes = [b"Source: regional office", b"* preliminary figures", b"Exported on 2024-05-02"]
        below = draw.sample(notes, draw.randrange(1, 3))
        if draw.random() < 0.5:
            below = [note + spare for note in below]
        gap = [b""] if draw.random() < 0.5 else []
        rows = range(height, height + len(below))
        return _file(b"\n".join([*lines, *gap, *below]) + b"\n", clean, rows)
    if way == 2:
        places = sorted(draw.sample(range(5, height - 5), draw.randrange(1, 4)))
        rows = [place + before for before, place in enumerate(places)]
        for row in rows:
            lines.insert(row + 1, b"# checked by hand up to here")
        return _file(b"\n".join(lines) + b"\n", clean, rows)
    return _file(as_csv(_with_totals(draw, table)), clean, [height])


def _with_totals(draw: random.Random, table: Frame) -> Frame:
    """The table with a last row of sums or means."""
    dirty = copied(table)
    mean = draw.random() < 0.3
    word = (
        draw.choice(("Average", "Mean")) if mean else draw.choice(("Total", "Grand total", "Sum"))
    )
    named = False
    for name, values in dirty.items():
        if isinstance(values[0], str):
            values.append(None if named else word)
            named = True
        elif name in ("year", "review"):
            values.append(None)
        else:
            total = sum(values)
            values.append(round(total / len(values) if mean else total, 2))
    return dirty


@plants("FIL016")
def several_tables(draw: random.Random) -> Planted:
    kinds = draw.sample(TABLES, 2)
    first, second = (kind(draw, draw.randrange(100, 600)) for kind in kinds)
    clean = as_csv(first)
    gap = draw.choice(([], [b""], [b"", b"Table 2"], [b"", b""]))
    if len(first) == len(second):
        gap = [b""]
    lines = [*_records(first), *gap, *_records(second)]
    begins = _height(first) + sum(1 for line in gap if line)
    rows = range(begins, begins + 1 + _height(second))
    return _file(b"\n".join(lines) + b"\n", clean, rows)


@plants("FIL017")
def multi_row_header(draw: random.Random) -> Planted:
    table = _table(draw, (people, houses, readings))
    lines = _records(table)
    clean = b"\n".join(lines) + b"\n"
    way = draw.randrange(3)
    if way == 0:
        count = draw.randrange(1, 4)
        below = [lines[0]] * count
    elif way == 1:
        units = ("cm", "kg", "m/s", "EUR", "%", "years", "count")
        below = [
            ",".join("" if draw.random() < 0.2 else draw.choice(units) for _ in table).encode()
        ]
    else:
        below = [lines[0]]
        groups = ["", *draw.choices(("sensor", "site", "record"), k=len(table) - 1)]
        lines[0] = ",".join(groups).encode()
    dirty = b"\n".join([lines[0], *below, *lines[1:]]) + b"\n"
    return _file(dirty, clean, range(len(below)))


def _json_lines(table: Frame) -> list[str]:
    return [
        json.dumps(dict(zip(table, row, strict=True))) for row in zip(*table.values(), strict=True)
    ]


def _lines(dirty: Sequence[str], clean: Sequence[str], rows: Sequence[int]) -> Planted:
    name = "train.jsonl"
    files = {name: ("\n".join(dirty) + "\n").encode()}
    return Planted(files, {name: ("\n".join(clean) + "\n").encode()}, {name: frozenset(rows)})


@plants("FIL018")
def duplicate_json_key(draw: random.Random) -> Planted:
    table = _table(draw)
    clean = _json_lines(table)
    dirty, rows = list(clean), some(draw, _height(table), least=1)
    name = draw.choice(list(table))
    for row in rows:
        other = json.dumps(table[name][row - 1])
        dirty[row] = f"{dirty[row][:-1]}, {json.dumps(name)}: {other}}}"
    return _lines(dirty, clean, rows)


@plants("FIL019")
def non_finite_literal(draw: random.Random) -> Planted:
    table = _table(draw)
    if "text" in table:
        table["text"][0] = f"NaN is not a number, {table['text'][0]}"
    clean = _json_lines(table)
    dirty = copied(table)
    numbers = [n for n, v in table.items() if isinstance(v[0], (int, float))]
    name, rows = draw.choice(numbers), some(draw, _height(table), least=1)
    for row in rows:
        dirty[name][row] = float(draw.choice(("nan", "nan", "inf", "-inf")))
    return _lines(_json_lines(dirty), clean, rows)


@plants("FIL020")
def schema_mismatch(draw: random.Random) -> Planted:
    table = _table(draw)
    order = list(range(_height(table)))
    draw.shuffle(order)
    cut = len(order) * 3 // 4
    train, test = part(table, order[:cut]), part(table, order[cut:])
    clean = {"train.csv": as_csv(train), "test.csv": as_csv(test)}
    name = draw.choice(list(table)[:-1])
    way = draw.randrange(3)
    if way == 0:
        del test[name]
    elif way == 1:
        test = {(_respelt(draw, n) if n == name else n): v for n, v in test.items()}
    else:
        numbers = [n for n, v in table.items() if isinstance(v[0], (int, float))]
        name = draw.choice(numbers)
        test[name] = [draw.choice(("low", "medium", "high")) for _ in test[name]]
    files = {"train.csv": clean["train.csv"], "test.csv": as_csv(test)}
    return Planted(files, clean, columns=frozenset({name}))


def _respelt(draw: random.Random, name: str) -> str:
    return draw.choice((name.upper(), name.capitalize(), f" {name}", f"{name} "))
