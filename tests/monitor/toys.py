"""Two small data sets on which every framework trains: one that overfits, one that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = 20


@dataclass(frozen=True, slots=True)
class Toy:
    """A binary classification task.

    Attributes:
        train_x: Training rows, float32 of shape (n, 20).
        train_y: Their labels, 0 or 1, int64 of shape (n,).
        val_x: Validation rows, float32 of shape (m, 20).
        val_y: Their labels, int64 of shape (m,).
    """

    train_x: NDArray[np.float32]
    train_y: NDArray[np.int64]
    val_x: NDArray[np.float32]
    val_y: NDArray[np.int64]


def overfitting(seed: int = 0) -> Toy:
    """64 training rows, a quarter of them with a flipped label; 512 clean validation rows."""
    return _toy(seed, train=64, validation=512, flipped=0.25)


def healthy(seed: int = 0) -> Toy:
    """4,000 clean training rows of a linear task; 1,000 validation rows."""
    return _toy(seed, train=4_000, validation=1_000, flipped=0.0)


def _toy(seed: int, *, train: int, validation: int, flipped: float) -> Toy:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((train + validation, FEATURES)).astype(np.float32)
    y = (x @ rng.standard_normal(FEATURES) > 0).astype(np.int64)
    wrong = rng.permutation(train)[: round(flipped * train)]
    y[wrong] = 1 - y[wrong]
    return Toy(x[:train], y[:train], x[train:], y[train:])
