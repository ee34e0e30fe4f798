"""Flipped labels found, against cleanlab alone: `python -m benchmarks.label_noise`.

Labels of scikit-learn's sets and of generated texts are flipped at fixed seeds; the same encoded
features go to dataguard and to cleanlab with its defaults on five-fold logistic regression. Files
of labelled texts or tables may be added: `--file PATH LABEL [TEXT]`. The development half was
tuned on, the reporting half was not.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dataguard.stats.encode import Features

NOISE = (("none", 0.0), ("even", 0.03), ("even", 0.1), ("even", 0.2), ("next", 0.1))
DEVELOPMENT_SEED, REPORTING_SEED = 1, 101


@dataclass(frozen=True, slots=True)
class Words:
    """Texts made of keywords of their class, in a share `telling`, among words of any class."""

    name: str
    rows: int
    classes: int
    shortest: int
    longest: int
    telling: float
    shared: float = 0.0
    imbalance: float = 0.0


TEXTS = (
    Words("short, 2 classes", 3000, 2, 6, 12, 0.5),
    Words("short, few telling words", 4000, 4, 6, 12, 0.3),
    Words("imbalanced, shared words", 5000, 6, 8, 16, 0.5, shared=0.3, imbalance=0.5),
    Words("20 classes", 4000, 20, 6, 12, 0.5),
    Words("500 rows", 500, 3, 6, 12, 0.5),
    Words("long", 2000, 3, 80, 200, 0.05),
)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one tool says: rows flagged, and a score a row (higher is worse), (rows,) both."""

    flagged: NDArray[np.bool_]
    score: NDArray[np.float64]
    seconds: float


def keyword_texts(kind: Words, seed: int) -> tuple[Features, list[str]]:
    """Generate the texts and their true labels."""
    import numpy as np
    import polars as pl

    from dataguard.stats.encode import Features

    rng = np.random.default_rng(seed)
    share = np.exp(-kind.imbalance * np.arange(kind.classes))
    labels = rng.choice(kind.classes, kind.rows, p=share / share.sum())
    common = 1 / np.arange(1, 1001)
    texts = []
    for label in labels:
        length = int(rng.integers(kind.shortest, kind.longest, endpoint=True))
        topic = np.where(rng.random(length) < kind.shared, (label + 1) % kind.classes, label)
        keys = [f"key{t}x{w}" for t, w in zip(topic, rng.integers(0, 30, length), strict=True)]
        rest = [f"word{w}" for w in rng.choice(1000, length, p=common / common.sum())]
        tells = rng.random(length) < kind.telling
        texts.append(" ".join(np.where(tells, keys, rest).tolist()))
    return Features(texts=(pl.Series(texts),)), [f"class {label}" for label in labels]


def bundled(name: str) -> tuple[Features, list[str]]:
    """Load one of scikit-learn's sets."""
    import polars as pl
    from sklearn import datasets

    from dataguard.stats.encode import Features

    loaders = {
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
    }
    data = loaders[name]()
    columns = tuple(pl.Series(column.astype(float)) for column in data.data.T)
    return Features(numbers=columns), [f"class {value}" for value in data.target]


def from_file(path: Path, label: str, text: str | None) -> tuple[Features, list[str]]:
    """Read a CSV or JSON Lines file; columns other than `text` are numbers or categories."""
    import polars as pl

    from dataguard.stats.encode import Features

    whole = path.suffix == ".csv"
    table = pl.read_csv(path, infer_schema_length=None) if whole else pl.read_ndjson(path)
    table = table.drop_nulls(label)
    rest = table.drop(label, text) if text else table.drop(label)
    numbers = [c.cast(pl.Float64) for c in rest.iter_columns() if c.dtype.is_numeric()]
    others = [c.cast(pl.String) for c in rest.iter_columns() if not c.dtype.is_numeric()]
    texts = (table[text].cast(pl.String),) if text else ()
    return Features(texts, tuple(numbers), tuple(others)), table[label].cast(pl.String).to_list()


def flip(labels: list[str], kind: str, share: float, seed: int) -> tuple[list[str], list[int]]:
    """Give a share of the rows another class, any ("even") or the one after theirs ("next")."""
    import numpy as np

    rng = np.random.default_rng(seed)
    classes = sorted(set(labels))
    rows = rng.choice(len(labels), round(share * len(labels)), replace=False).tolist()
    noisy = list(labels)
    for row in rows:
        place = classes.index(labels[row])
        step = 1 if kind == "next" else int(rng.integers(1, len(classes)))
        noisy[row] = classes[(place + step) % len(classes)]
    return noisy, rows


def by_dataguard(features: Features, labels: list[str]) -> Found:
    """Flag with dataguard; rows that were not scored count as zero."""
    import numpy as np
    import polars as pl

    from dataguard.stats.label_noise import (
        label_scores,
        likely_mislabelled,
        out_of_sample_probabilities,
    )

    start = time.perf_counter()
    given = pl.Series(labels)
    probabilities = out_of_sample_probabilities(features, given)
    suspects = likely_mislabelled(probabilities, given)
    seconds = time.perf_counter() - start
    score = np.zeros(len(labels))
    score[probabilities.positions] = label_scores(probabilities, given)
    flagged = np.zeros(len(labels), dtype=np.bool_)
    flagged[[suspect.position for suspect in suspects]] = True
    return Found(flagged, score, seconds)


def by_cleanlab(features: Features, labels: list[str]) -> Found:
    """Flag with cleanlab's defaults on five-fold logistic regression on the same features."""
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    from dataguard.stats.encode import encode

    start = time.perf_counter()
    codes = np.unique(labels, return_inverse=True)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probabilities = cross_val_predict(
            LogisticRegression(max_iter=100),
            encode(features, len(labels)).weighted,
            codes,
            cv=StratifiedKFold(5, shuffle=True, random_state=0),
            method="predict_proba",
        )
        flagged = find_label_issues(codes, probabilities, n_jobs=1)
        quality = get_label_quality_scores(codes, probabilities)
    return Found(np.asarray(flagged), 1 - np.asarray(quality), time.perf_counter() - start)


def sets(files: list[list[str]]) -> Iterator[tuple[str, str, Features, list[str]]]:
    """Yield (half, name, features, true labels)."""
    for name in ("iris", "digits"):
        yield "development", name, *bundled(name)
    for name in ("wine", "breast_cancer"):
        yield "reporting", name, *bundled(name)
    for half, seed in (("development", DEVELOPMENT_SEED), ("reporting", REPORTING_SEED)):
        for kind in TEXTS:
            yield half, kind.name, *keyword_texts(kind, seed)
    for path, label, *text in files:
        yield "file", Path(path).stem, *from_file(Path(path), label, text[0] if text else None)


def figures(found: Found, rows: list[int]) -> tuple[float, float, float, float]:
    """Return precision, recall, F1 and average precision."""
    import numpy as np
    from sklearn.metrics import average_precision_score

    wrong = np.zeros(len(found.flagged), dtype=np.bool_)
    wrong[rows] = True
    hits = int((found.flagged & wrong).sum())
    flagged = int(found.flagged.sum())
    return (
        hits / flagged if flagged else 0.0,
        hits / len(rows),
        2 * hits / (flagged + len(rows)),
        float(average_precision_score(wrong, found.score)),
    )


def main() -> None:
    """Print one line a set and noise: dataguard first, cleanlab alone behind the bar."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", nargs="+", action="append", default=[], metavar="PATH LABEL TEXT")
    parser.add_argument("--half", choices=("development", "reporting", "file"))
    chosen = parser.parse_args()
    kinds: dict[tuple[str, str, float], list[tuple[float, ...]]] = {}
    print(f"{'':38s}  dataguard: P    R    F1   AP     s | cleanlab: P    R    F1   AP     s")
    for half, name, features, labels in sets(chosen.file):
        if chosen.half not in (None, half):
            continue
        for kind, share in NOISE:
            noisy, rows = flip(labels, kind, share, seed=7)
            with threadpool_limits(1):
                both = by_dataguard(features, noisy), by_cleanlab(features, noisy)
            head = f"{half[:3]} {name[:24]:24s} {kind} {share:4.2f}"
            if not rows:
                rates = [1000 * float(np.mean(found.flagged)) for found in both]
                kinds.setdefault((half, kind, share), []).append(tuple(rates))
                print(f"{head:38s}  flags in 1000: {rates[0]:.1f} | {rates[1]:.1f}", flush=True)
                continue
            ours, theirs = (figures(found, rows) for found in both)
            kinds.setdefault((half, kind, share), []).append((*ours, *theirs))
            left, right = (" ".join(f"{value:.2f}" for value in part) for part in (ours, theirs))
            seconds = [f"{found.seconds:5.1f}" for found in both]
            print(f"{head:38s}  {left} {seconds[0]} | {right} {seconds[1]}", flush=True)
    print("\nmeans (P R F1 AP of dataguard, then of cleanlab alone; without noise flags in 1000)")
    for (half, kind, share), values in sorted(kinds.items()):
        means = " ".join(f"{value:.3f}" for value in np.mean(values, axis=0))
        print(f"{half:12s} {kind} {share:4.2f}  {means}")


if __name__ == "__main__":
    main()
