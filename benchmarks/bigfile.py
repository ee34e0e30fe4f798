"""The big file of the speed measurement: `python -m benchmarks.bigfile PATH ROWS`.

A process of its own, because the peak memory of a process counts towards that of its children
while they start.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

LABELS = ("billing", "delivery", "product", "account")
VOCABULARY = 30_000
TOPICAL = 150
CHUNK = 50_000


def write_big_file(path: Path, rows: int, seed: int = 0) -> None:
    """Write a CSV of `rows` rows and nine columns, about 350 bytes a row; same seed, same bytes.

    Columns: id, date, city, price, quantity, flag, question, answer, label. Words follow Zipf's
    law; an eighth of an answer's words tell the label. A few rows are faulty, as in real files:
    duplicates, white space, disguised missing values, other date formats, mojibake, flipped and
    missing labels.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    words = _vocabulary(rng)
    partial = path.with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("wb") as file:
        for start in range(0, rows, CHUNK):
            chunk = _chunk(rng, words, start, min(CHUNK, rows - start))
            chunk.write_csv(file, include_header=start == 0)
    partial.replace(path)


def _vocabulary(rng: np.random.Generator) -> list[str]:
    """Distinct made-up words, the short ones first, as in a language."""
    onsets = "b br ch d dr f g gr h j k l m n p pl r s sh st t th v w".split()  # noqa: SIM905
    vowels = "a e i o u ai ea ou é ü".split()  # noqa: SIM905
    endings = ["", "", "n", "r", "s", "ng", "st"]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = 1 + min(2, len(words) // 900)
        parts = [
            onsets[rng.integers(len(onsets))] + vowels[rng.integers(len(vowels))]
            for _ in range(syllables + int(rng.integers(2)))
        ]
        words["".join(parts) + endings[rng.integers(len(endings))]] = None
    return list(words)


def _chunk(rng: np.random.Generator, words: list[str], start: int, rows: int) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    label = rng.choice(len(LABELS), rows, p=(0.4, 0.3, 0.2, 0.1))
    days = rng.integers(0, 1500, rows).astype("timedelta64[D]") + np.datetime64("2020-01-01")
    price = rng.lognormal(3.2, 0.9, rows).round(2)
    frame = pl.DataFrame(
        {
            "id": [f"A{start + i:08d}" for i in range(rows)],
            "date": days.astype(str),
            "city": _cities(rng, words, rows),
            "price": [f"{value:.2f}" for value in price],
            "quantity": rng.poisson(3, rows).astype(str),
            "flag": rng.integers(0, 2, rows).astype(str),
            "question": _texts(rng, words, label, 8, 16, 0.10, "?"),
            "answer": _texts(rng, words, label, 12, 30, 0.13, "."),
            "label": [LABELS[i] for i in label],
        }
    )
    return _spoil(frame, rng)


def _cities(rng: np.random.Generator, words: list[str], rows: int) -> list[str]:
    names = [word.capitalize() + "ville" for word in words[1000:1400]]
    return [names[i] for i in _zipf(rng, len(names), rows)]


def _zipf(rng: np.random.Generator, count: int, size: int) -> NDArray[np.int64]:
    """`size` ranks below `count`, the k-th with probability proportional to 1 / (k + 2.7)."""
    import numpy as np

    weights = np.cumsum(1.0 / (np.arange(count) + 2.7))
    ranks: NDArray[np.int64] = np.searchsorted(weights, rng.random(size) * weights[-1])
    return ranks


def _texts(
    rng: np.random.Generator,
    words: list[str],
    label: NDArray[np.int64],
    shortest: int,
    longest: int,
    topical: float,
    end: str,
) -> list[str]:
    import numpy as np

    lengths = rng.integers(shortest, longest + 1, len(label))
    total = int(lengths.sum())
    common = VOCABULARY - TOPICAL * len(LABELS)  # the last words are the topical ones
    ranks = _zipf(rng, common, total)
    about = common + np.repeat(label, lengths) * TOPICAL + rng.integers(0, TOPICAL, total)
    ranks = np.where(rng.random(total) < topical, about, ranks)
    spelled = np.array(words, dtype=object)[ranks].tolist()
    texts, at = [], 0
    for length in lengths.tolist():
        half = length // 2
        first, second = spelled[at : at + half], spelled[at + half : at + length]
        comma = ", " if length % 3 else " "
        texts.append(f"{' '.join(first)}{comma}{' '.join(second)}{end}".capitalize())
        at += length
    return texts


def _spoil(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Plant a few faults of each kind; a copy takes the place of the row after its original."""
    import polars as pl

    chance = pl.Series(rng.random(frame.height))
    chance[7] = 0.03  # an N/A among the first rows, where type inference still sees it
    other = pl.Series(rng.permutation(frame["label"].to_numpy()))

    def at(low: float, high: float) -> pl.Expr:
        return pl.lit(chance.is_between(low, high, closed="left"))

    date = pl.col("date").str.to_date()
    text = [name for name in frame.columns if name not in ("id", "label")]
    return frame.with_columns(
        *(
            pl.when(at(0.0, 0.003)).then(pl.col(name).shift(1).fill_null(pl.col(name)))
            .otherwise(pl.col(name)).alias(name)
            for name in (*text, "label")
        )
    ).with_columns(
        date=pl.when(at(0.01, 0.012)).then(date.dt.strftime("%d.%m.%Y")).otherwise("date"),
        city=pl.when(at(0.02, 0.022)).then(pl.col("city") + " ").otherwise("city"),
        price=pl.when(at(0.03, 0.034)).then(pl.lit("N/A")).otherwise("price"),
        quantity=pl.when(at(0.04, 0.041)).then(pl.lit("-999")).otherwise("quantity"),
        answer=pl.when(at(0.05, 0.051)).then(pl.col("answer") + " CafÃ©").otherwise("answer"),
        question=pl.when(at(0.06, 0.061)).then("  " + pl.col("question")).otherwise("question"),
        label=pl.when(at(0.07, 0.09)).then(pl.lit(other))
        .when(at(0.09, 0.091)).then(pl.lit("")).otherwise("label"),
    )  # fmt: skip


if __name__ == "__main__":
    write_big_file(Path(sys.argv[1]), int(sys.argv[2]))
