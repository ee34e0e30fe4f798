"""Numeric targets far off what the features say, by models that did not see the row."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats import encode
from dataguard.stats import folds as folds_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from dataguard.stats.encode import Encoded, Features

    Dense = npt.NDArray[np.float64]

TREES = 60
TREE_ROWS = 4_000
"""Rows that a tree learns from at most, so that time grows slowly with the rows."""

RIDGE = 1.0
NEIGHBOURS = 101
"""Rows of the nearest predictions, by whose residuals the scale of a row's own is judged."""

MAD_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""

WINSOR = 3.0
"""Targets are cut at so many interquartile ranges beyond the quartiles before models learn them:
one target a thousand times too large would drag all rows around it."""

WIDE = 20.0
"""Ratio of the 95th to the 5th percentile of a positive target from which on its logarithm is
modelled: prices and counts, whose errors are factors."""

EDGE, EDGE_SCORE = 0.01, 0.1
"""Rows of the highest and lowest predictions, and what is left of the score of a target that is
beyond them on the same side: models do not reach further than what they have seen."""

LEAST_SCALE = 0.05
"""Least local scale, as a part of the scale of all residuals."""


class Residuals(msgspec.Struct, frozen=True, eq=False):
    """What models say of each target, and how far off it is.

    Attributes:
        positions: 0-based rows that were judged, ascending.
        predicted: By models that saw neither the row nor a copy of it, in the target's unit.
        scores: The residual over the residuals usual for such a prediction; 0 or more.
        skill: Share of the median rule's mean absolute error that the models remove, on cut
            targets.
    """

    positions: npt.NDArray[np.int64]
    predicted: Dense
    scores: Dense
    skill: float


def residuals(features: Features, targets: pl.Series, *, folds: int, seed: int) -> Residuals:
    """Predict each target out of sample, twice: the second time without the first one's outliers.

    Args:
        features: One row a target.
        targets: Float64; null is left out.
        folds: How many.
        seed: Of the models.
    """
    import numpy as np
    import polars as pl
    from threadpoolctl import threadpool_limits

    from dataguard.stats.label_noise import content_keys

    positions = np.flatnonzero(targets.is_not_null().to_numpy())
    known = features.gather(positions)
    values = targets.gather(pl.Series(positions))
    groups, contents = content_keys(known, values.cast(pl.String), seed)
    order = np.lexsort((contents, groups))
    y = values.to_numpy()[order]
    encoded = encode.encode(known.gather(order), len(order))
    dealt = folds_of.stratified_folds(groups[order], np.zeros(len(order), dtype=np.int64), folds)
    form = _Form.of(y)
    with threadpool_limits(limits=1):
        said = _out_of_fold(encoded, form, dealt, np.ones(len(y), dtype=bool), seed)
        clear = _scores(form.forward(y), said) < WINSOR * 2
        if not clear.all() and clear.mean() > 0.5:
            said = _out_of_fold(encoded, form, dealt, clear, seed)
    scores = _scores(form.forward(y), said)
    base = np.abs(form.cut - np.median(form.cut)).mean()
    skill = 1.0 - np.abs(form.cut - said).mean() / base if base > 0 else 0.0
    back = np.argsort(order)
    return Residuals(positions, form.backward(said)[back], scores[back], float(skill))


class _Form(msgspec.Struct, frozen=True, eq=False):
    """The scale on which a target is modelled: its logarithm or itself; `cut` is winsorised."""

    logarithm: bool
    cut: Dense

    @classmethod
    def of(cls, y: Dense) -> _Form:
        import numpy as np

        low, high = np.percentile(y, [5, 95])
        logarithm = bool(y.min() > 0 and high > WIDE * low)
        form = np.log(y) if logarithm else y
        first, third = np.percentile(form, [25, 75])
        reach = WINSOR * (third - first)
        return cls(logarithm, np.clip(form, first - reach, third + reach))

    def forward(self, y: Dense) -> Dense:
        import numpy as np

        return np.log(y) if self.logarithm else y

    def backward(self, said: Dense) -> Dense:
        import numpy as np

        return np.exp(said) if self.logarithm else said


def _out_of_fold(
    encoded: Encoded, form: _Form, folds: npt.NDArray[np.int64], learn: npt.NDArray[np.bool_],
    seed: int,
) -> Dense:  # fmt: skip
    """The mean prediction of the models that err least, shape (rows,), each by other folds."""
    import numpy as np
    from sklearn.ensemble import ExtraTreesRegressor
    from sklearn.linear_model import Ridge

    rows = len(form.cut)
    said: dict[str, Dense] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, matrix in (("trees", encoded.dense), ("linear", encoded.weighted)):
            if not matrix.shape[1]:
                continue
            said[name] = np.full(rows, np.median(form.cut))
            for fold in np.unique(folds):
                held, taught = folds == fold, (folds != fold) & learn
                if name == "trees":
                    model = ExtraTreesRegressor(
                        TREES, min_samples_leaf=2, bootstrap=True, random_state=seed,
                        max_samples=min(1.0, TREE_ROWS / max(1, int(taught.sum()))),
                    )  # fmt: skip
                else:
                    model = Ridge(alpha=RIDGE, random_state=seed)
                model.fit(matrix[taught], form.cut[taught])
                said[name][held] = model.predict(matrix[held])
    if len(said) == 2:
        said["both"] = (said["trees"] + said["linear"]) / 2
    errors = {n: float(np.median(np.abs(form.cut - s)[learn])) for n, s in said.items()}
    return said[min(errors, key=lambda n: errors[n])]


def _scores(y: Dense, said: Dense) -> Dense:
    """Absolute residuals over the scale of those of rows with the nearest predictions."""
    import numpy as np

    wrong = np.abs(y - said)
    order = np.argsort(said, kind="stable")
    ranked = wrong[order]
    width = min(NEIGHBOURS, len(y))
    windows = np.lib.stride_tricks.sliding_window_view(ranked, width)
    middle = np.median(windows, axis=1)
    start = np.clip(np.arange(len(y)) - width // 2, 0, len(middle) - 1)
    local = np.empty(len(y))
    local[order] = middle[start]
    overall = float(np.median(wrong))
    scale = MAD_TO_SIGMA * np.maximum(local, LEAST_SCALE * overall)
    scores = wrong / np.maximum(scale, 1e-12 * max(1.0, float(np.abs(y).max())))
    low, high = np.quantile(said, [EDGE, 1 - EDGE])
    beyond = ((said >= high) & (y > said)) | ((said <= low) & (y < said))
    return np.where(beyond, EDGE_SCORE * scores, scores)
