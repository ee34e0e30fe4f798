"""Planters of the first checks of files."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from benchmarks.defects import Planted, as_csv, plants, some
from benchmarks.defects.base import LAST, houses, people, reviews
from benchmarks.defects.road import row_of, size


def _bytes(
    dirty: bytes, clean: bytes, rows: Sequence[int] = (), name: str = "train.csv"
) -> Planted:
    return Planted({name: dirty}, {name: clean}, {name: frozenset(rows)} if rows else {})


@plants("FIL001")
def unreadable_file(draw: random.Random) -> Planted:
    clean = as_csv(people(draw, 200))
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{draw.randbytes(32).hex()}\nsize {draw.randrange(10**4, 10**8)}\n"
    ).encode()
    dirty = draw.choice((b"", pointer, clean[: clean.index(b"\n") + 1]))
    return _bytes(dirty, clean)


@plants("FIL002")
def invalid_encoding(draw: random.Random) -> Planted:
    table = people(draw, size(draw))
    table["name"] = [f"Jürgen {draw.choice(LAST)}" for _ in table["name"]]
    lines = as_csv(table).split(b"\n")
    rows = some(draw, len(table["age"]))
    dirty = list(lines)
    for at in rows:
        dirty[at + 1] = lines[at + 1].decode().encode("latin-1")
    return _bytes(b"\n".join(dirty), b"\n".join(lines), rows)


@plants("FIL003")
def byte_order_mark(draw: random.Random) -> Planted:
    clean = as_csv(people(draw, size(draw)))
    return _bytes(b"\xef\xbb\xbf" + clean, clean)


@plants("FIL004")
def ragged_rows(draw: random.Random) -> Planted:
    table = people(draw, size(draw))
    lines = as_csv(table).split(b"\n")
    rows = some(draw, len(table["age"]))
    dirty = list(lines)
    for at in rows:
        cells = lines[at + 1].split(b",")
        dirty[at + 1] = b",".join(draw.choice((cells[:-1], [*cells, b"extra"], cells[:3])))
    return _bytes(b"\n".join(dirty), b"\n".join(lines), rows)


@plants("FIL005")
def unclosed_quote(draw: random.Random) -> Planted:
    table = people(draw, size(draw))
    lines = as_csv(table).split(b"\n")
    at = draw.randrange(len(table["age"]) - 20)
    dirty = list(lines)
    dirty[at + 1] = lines[at + 1].replace(
        table["name"][at].encode(), b'"' + table["name"][at].encode()
    )
    return _bytes(b"\n".join(dirty), b"\n".join(lines), [at])


@plants("FIL006")
def duplicate_column_name(draw: random.Random) -> Planted:
    clean = as_csv(people(draw, size(draw)))
    header, _, rest = clean.partition(b"\n")
    old, new = draw.sample((b"age", b"city", b"spent", b"plan"), 2)
    return _bytes(header.replace(old, new) + b"\n" + rest, clean)


@plants("FIL007")
def missing_header(draw: random.Random) -> Planted:
    clean = as_csv(draw.choice((people, reviews, houses))(draw, size(draw)))
    return _bytes(clean.partition(b"\n")[2], clean)


@plants("FIL008")
def malformed_json_line(draw: random.Random) -> Planted:
    table = reviews(draw, size(draw))
    height = len(table["text"])
    lines = [json.dumps(row_of(table, at)).encode() for at in range(height)]
    rows = some(draw, height)
    dirty = list(lines)
    for at in rows:
        line = lines[at]
        dirty[at] = draw.choice((line[:-1], line.replace(b'":', b'"', 1), line + b"}", b"[1, 2]"))
    return _bytes(b"\n".join(dirty) + b"\n", b"\n".join(lines) + b"\n", name="train.jsonl")
