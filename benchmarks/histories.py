"""Training histories with an independent test set: boosting, networks and linear models."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEST_ROWS = 4000
"""Rows of the test set: so many that its loss is nearly that of the population."""


@dataclass(frozen=True, slots=True)
class History:
    """One training run, one value an evaluation.

    Attributes:
        name: Names the run.
        train: Training loss; empty where there is none.
        val: Validation loss, None where an evaluation is missing.
        test: Loss on an independent test set; empty where there is none.
        label: 1 where it overfits, 0 where it does not, None where nobody knows.
    """

    name: str
    train: tuple[float | None, ...]
    val: tuple[float | None, ...]
    test: tuple[float, ...] = ()
    label: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Rows, (n, features), and classes, (n,), of the three sets."""

    train: tuple[NDArray[np.float64], NDArray[np.int64]]
    val: tuple[NDArray[np.float64], NDArray[np.int64]]
    test: tuple[NDArray[np.float64], NDArray[np.int64]]


def generated(seeds: Sequence[int]) -> Iterator[History]:
    """One history a seed: tables, sizes, noise and models are drawn by it."""
    import numpy as np

    for seed in seeds:
        draw = np.random.default_rng(seed)
        sets = _sets(draw, seed)
        if seed % 3 == 0:
            yield _boosting(draw, sets, seed)
        else:
            yield _network(draw, sets, seed, hidden=seed % 3 == 1)


def _sets(draw: np.random.Generator, seed: int) -> Sets:
    from sklearn.datasets import make_classification

    train, val = int(draw.choice([60, 150, 400, 1500])), int(draw.choice([200, 500, 1000]))
    inputs, classes = make_classification(
        train + val + TEST_ROWS,
        20,
        n_informative=int(draw.choice([4, 8, 12])),
        n_classes=2,
        flip_y=float(draw.choice([0.0, 0.05, 0.2])),
        class_sep=float(draw.choice([0.6, 1.0, 1.6])),
        random_state=seed,
    )
    cuts = [0, train, train + val, len(inputs)]
    parts = [(inputs[a:b], classes[a:b]) for a, b in pairwise(cuts)]
    return Sets(*parts)


def _boosting(draw: np.random.Generator, sets: Sets, seed: int) -> History:
    from sklearn.ensemble import GradientBoostingClassifier

    rate, depth = float(draw.choice([0.03, 0.1, 0.3])), int(draw.choice([1, 3, 6]))
    rounds = int(draw.choice([60, 150, 300]))
    model = GradientBoostingClassifier(
        learning_rate=rate, max_depth=depth, n_estimators=rounds, random_state=seed
    )
    model.fit(*sets.train)
    curves = [
        [_log_loss(y, shares) for shares in model.staged_predict_proba(x)]
        for x, y in (sets.train, sets.val, sets.test)
    ]
    return History(f"boosting/{seed}", *(tuple(curve) for curve in curves))


def _network(draw: np.random.Generator, sets: Sets, seed: int, *, hidden: bool) -> History:
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier

    epochs = int(draw.choice([30, 60, 120]))
    if hidden:
        model: Any = MLPClassifier(
            (int(draw.choice([16, 64, 256])),),
            learning_rate_init=float(draw.choice([3e-4, 1e-3, 1e-2])),
            alpha=float(draw.choice([0.0, 1e-3, 1.0])),
            random_state=seed,
        )
    else:
        rate = float(draw.choice([1e-3, 1e-2]))
        model = SGDClassifier("log_loss", learning_rate="constant", eta0=rate, random_state=seed)
    curves: tuple[list[float], ...] = ([], [], [])
    x, y = sets.train
    order = draw.permutation(len(x))
    for _ in range(epochs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.partial_fit(x[order], y[order], classes=[0, 1])
        order = draw.permutation(len(x))
        for curve, (rows, classes) in zip(curves, (sets.train, sets.val, sets.test), strict=True):
            curve.append(_log_loss(classes, model.predict_proba(rows)))
    kind = "network" if hidden else "linear"
    return History(f"{kind}/{seed}", *(tuple(curve) for curve in curves))


def _log_loss(classes: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    import numpy as np

    mine = shares[np.arange(len(classes)), classes]
    return float(-np.log(np.clip(mine, 1e-12, 1.0)).mean())
