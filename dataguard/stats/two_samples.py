"""How well one can tell of which of two tables a row is."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Bits = NDArray[np.bool_]

FOLDS = 5
TREES = 60
LEAVES = 16
WORDS = 5_000
"""Terms of a text column that are looked at."""


class Auc(msgspec.Struct, frozen=True):
    """The chance that a row of the second table scores higher than one of the first.

    Attributes:
        value: From 0 to 1; 0.5 where the tables are alike.
        error: Its standard error (Hanley and McNeil, Radiology 143, 1982).
    """

    value: float
    error: float

    @property
    def apart(self) -> float:
        """The AUC where the direction does not count: 0.5 to 1."""
        return max(self.value, 1 - self.value)

    def surely(self, errors: float) -> float:
        """A lower bound of `apart`: so many standard errors below."""
        return self.apart - errors * self.error


def out_of_fold(found: Auc) -> Auc:
    """The AUC of scores on rows that were not learned from: below 0.5 they know nothing."""
    return Auc(max(found.value, 0.5), found.error)


def auc(scores: F64, second: Bits) -> Auc:
    """AUC of scores against membership of the second table; ties count half.

    Args:
        scores: One number a row, finite; shape (rows,).
        second: Whether the row is of the second table; shape (rows,).
    """
    import polars as pl

    ranks = pl.Series(scores).rank("average").to_numpy()
    many, few = int(second.sum()), int((~second).sum())
    if not many or not few:
        return Auc(0.5, 0.5)
    value = float((ranks[second].sum() - many * (many + 1) / 2) / (many * few))
    high = max(value, 1 - value)
    one, two = high / (2 - high), 2 * high * high / (1 + high)
    spread = high * (1 - high) + (many - 1) * (one - high**2) + (few - 1) * (two - high**2)
    # An AUC of 1 has no spread by the formula; that of the least difference that could be seen.
    return Auc(value, max(sqrt(max(spread, 0.0) / (many * few)), 0.5 / min(many, few)))


def number_scores(values: pl.Series) -> F64:
    """A column of numbers as scores; missing ones stand beyond the largest."""
    import numpy as np

    found = values.to_numpy().astype(np.float64)
    known = found[np.isfinite(found)]
    top = float(known.max()) + 1.0 if len(known) else 0.0
    return np.where(np.isfinite(found), found, top)


def ranges(values: pl.Series, count: int) -> pl.Series:
    """The number of the range of equal size that each value is in, from 0; missing stays null."""
    rank = values.rank("average")
    return (rank * count / (values.count() + 1)).floor()


def level_scores(values: pl.Series, second: Bits, folds: NDArray[np.int64]) -> F64:
    """A column of categories as scores: how often other folds' rows of the level are of the second.

    Drawn towards the overall share by five rows, so that rare levels say little.
    """
    import numpy as np
    import polars as pl

    ranks = values.rank("dense").cast(pl.Int64).fill_null(0)
    codes = ranks.to_numpy()
    levels = int(codes.max()) + 1 if len(codes) else 0
    scores = np.zeros(len(codes))
    for fold in range(FOLDS):
        out = folds == fold
        size = np.bincount(codes[~out], minlength=levels)
        mine = np.bincount(codes[~out], weights=second[~out].astype(float), minlength=levels)
        prior = float(second[~out].mean()) if (~out).any() else 0.5
        scores[out] = ((mine + 5 * prior) / (size + 5))[codes[out]] - prior
    return scores


def text_scores(texts: pl.Series, second: Bits, folds: NDArray[np.int64], seed: int) -> F64:
    """A column of texts as scores: of a logistic model of words, fitted on the other folds."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(max_features=WORDS, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    try:
        matrix = words.fit_transform(texts.fill_null("").to_list()).tocsr()
    except ValueError:  # no word at all
        return np.zeros(len(texts))
    scores = np.zeros(len(texts))
    for fold in range(FOLDS):
        out = folds == fold
        if second[~out].all() or not second[~out].any() or not out.any():
            continue
        model = LogisticRegression(C=1.0, max_iter=200, random_state=seed)
        model.fit(matrix[~out], second[~out])
        scores[out] = model.decision_function(matrix[out])
    return scores


def together_scores(columns: list[F64], second: Bits, folds: NDArray[np.int64], seed: int) -> F64:
    """All columns together as scores: boosted trees, fitted on the other folds.

    Args:
        columns: Scores of each column, as the functions above give them.
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    matrix = np.column_stack(columns)
    scores = np.zeros(len(second))
    for fold in range(FOLDS):
        out = folds == fold
        if second[~out].all() or not second[~out].any() or not out.any():
            continue
        model = HistGradientBoostingClassifier(
            max_iter=TREES,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=20,
            early_stopping=False,
            random_state=seed,
        )
        with threadpool_limits(limits=1):  # threads change the sums, and with them the trees
            model.fit(matrix[~out], second[~out])
            scores[out] = model.decision_function(matrix[out])
    return scores
