"""Out-of-sample class probabilities by several classifiers, blended so that wrong labels show."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    from dataguard.stats.encode import Encoded

    Dense = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

# No model is surer than this; it keeps a logarithm finite where a leaf holds one class alone.
SMALLEST = 1e-6
# With more weights (features times classes) than this, L-BFGS spends its time on vectors of its
# own: on 16,000 texts of 60,000 terms 8.6 s, against 0.9 s for 15 epochs of SAGA, more accurate.
FEW_WEIGHTS = 20_000
EPOCHS = 15
# Features (or rows) times classes, beyond which naive Bayes is the only model of words.
LINEAR_CELLS = 3_000_000
# Rows times classes from which the weights of the blend are learnt.
BLEND_CELLS = 400_000
# A tree learns from this many rows at the most, so that time grows slowly with the rows.
TREE_ROWS = 4_000
# A model whose weight is below this share of the largest is not fitted a second time.
LEAST_WEIGHT = 0.02
START_NOISE = 0.02
MOST_NOISE = 0.5
ROUNDS = 20
MOST_WEIGHT = 10.0
# Half the 95 % point of chi-square with one degree of freedom.
LIKELIHOOD_SLACK = 1.92
SURE_FLIPS = 15.0
MANY_ERRORS = 30.0
SHARPER = (1.2, 1.5, 2.0, 3.0, 5.0, 8.0, 20.0, 50.0)
EM_STEPS = 50
PRIOR_ROWS = 20.0
PRUNED = 0.5
MOST_PRUNED = 0.3


class Classifier(Protocol):
    """What is asked of scikit-learn's classifiers here."""

    classes_: Codes

    def fit(self, x: Dense | csr_matrix, y: Codes) -> Classifier: ...

    def predict_proba(self, x: Dense | csr_matrix) -> Dense: ...


class Model(msgspec.Struct, frozen=True, eq=False):
    """A classifier to make afresh for each fold, and the matrix that it reads.

    `votes`: the number of equal votes that its probabilities are the shares of, 0 if they are not
    shares. Ten neighbours of one class do not exclude the others: one vote more is spread evenly.
    """

    name: str
    make: Callable[[], Classifier]
    matrix: Dense | csr_matrix
    votes: int = 0


def models_for(encoded: Encoded, rows: int, classes: int, seed: int) -> list[Model]:
    """Choose models for the data at hand, all of different kinds."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.neighbors import KNeighborsClassifier

    found: list[Model] = []
    if encoded.weighted.shape[1]:
        found += [
            Model("bayes", lambda: MultinomialNB(alpha=1.0), encoded.counts),
            Model("bold bayes", lambda: MultinomialNB(alpha=0.1), encoded.counts),
        ]
    if encoded.weighted.shape[1] > 0 and max(encoded.weighted.shape) * classes <= LINEAR_CELLS:
        found += [
            Model(
                name,
                partial(_linear, strength, encoded.weighted.shape[1] * classes, seed),
                encoded.weighted,
            )
            for name, strength in (("linear", 1.0), ("bold linear", 10.0))
        ]
    if encoded.dense.shape[1]:
        share = min(1.0, TREE_ROWS / rows)
        found += [
            Model(
                "trees",
                lambda: ExtraTreesClassifier(
                    50, min_samples_leaf=2, bootstrap=True, max_samples=share, random_state=seed
                ),
                encoded.dense,
                votes=50,
            ),
            Model(
                "neighbours",
                lambda: KNeighborsClassifier(10, weights="distance", algorithm="brute"),
                encoded.dense,
                votes=10,
            ),
        ]
    return found


def _linear(strength: float, cells: int, seed: int) -> Classifier:
    """Return a logistic regression; with many weights, by a solver that visits rows one by one."""
    from sklearn.linear_model import LogisticRegression

    many = cells > FEW_WEIGHTS
    model: Classifier = LogisticRegression(
        C=strength,
        solver="saga" if many else "lbfgs",
        max_iter=EPOCHS if many else 100,
        random_state=seed,
    )
    return model


def out_of_sample(model: Model, codes: Codes, folds: Codes, learn: Mask, classes: int) -> Dense:
    """Return log-probabilities (rows, classes) of each row by a model that did not see its fold.

    Only rows that `learn` marks are learnt from; all are scored. Warnings of scikit-learn (a
    solver that stops early, say) concern no user of ours and are silenced.
    """
    import numpy as np

    result = np.full((len(codes), classes), 1.0 / classes)
    for fold in np.unique(folds):
        held = folds == fold
        taught = ~held & learn
        present = np.unique(codes[taught])
        if len(present) < 2:
            continue
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fitted = model.make()
            if taught.sum() <= getattr(fitted, "n_neighbors", 0):
                continue
            fitted.fit(model.matrix[taught], codes[taught])
            probabilities = fitted.predict_proba(model.matrix[held])
        block = np.zeros((int(held.sum()), classes))
        block[:, fitted.classes_] = probabilities
        if model.votes:
            block = (model.votes * block + 1.0 / classes) / (model.votes + 1)
        result[held] = block
    result = np.nan_to_num(result, nan=1.0 / classes) + SMALLEST
    return np.asarray(np.log(result / result.sum(axis=1, keepdims=True)))


def fit(encoded: Encoded, codes: Codes, folds: Codes, classes: int, seed: int) -> Blend:
    """Fit all models out of sample and blend them, then again without the labels found wrong.

    Wrong labels harm the models that look for them: the second time they are only scored. Linear
    algebra runs on one thread meanwhile: on matrices this small, threads that wait for each other
    cost up to thirty times the work when another process is busy, and one thread always adds in
    the same order.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return _fit(encoded, codes, folds, classes, seed)


def _fit(encoded: Encoded, codes: Codes, folds: Codes, classes: int, seed: int) -> Blend:
    import numpy as np

    models = models_for(encoded, len(codes), classes, seed)
    everyone = np.ones(len(codes), dtype=np.bool_)
    logs = [out_of_sample(model, codes, folds, everyone, classes) for model in models]
    if not logs:
        logs = [np.full((len(codes), classes), -np.log(classes))]
    blended = blend(logs, codes)
    # Labels left out favour the classes that the models took them for: where there is little to
    # learn, a second round would confirm the first one's errors.
    learn = wrong_posterior(blended, codes)[0] < PRUNED
    if not models or learn.all() or np.mean(~learn) > MOST_PRUNED:
        return blended
    least = LEAST_WEIGHT * max(blended.weights)
    useful = [m for m, weight in zip(models, blended.weights, strict=True) if weight > least]
    again = blend([out_of_sample(model, codes, folds, learn, classes) for model in useful], codes)
    return replace(again, accuracy=blended.accuracy)


class Blend(msgspec.Struct, frozen=True, eq=False):
    """What the labels ought to be, and how they were corrupted.

    `matrix` (rows, classes): the chance of each true class, from the features alone.
    `flips` (classes, classes): the chance that true class c is labelled y; rows sum to one.
    `accuracy`: the share of given labels that the models predict without any label left out.
    `weights` (models,): of each model's logarithm. `loss`: the mean negative log-likelihood.
    """

    matrix: Dense
    flips: Dense
    accuracy: float
    weights: tuple[float, ...]
    loss: float


def mix(logs: list[Dense], weights: Dense) -> Dense:
    """Return softmax(sum of weight · log p), shape (rows, classes)."""
    import numpy as np

    total = sum(weight * log for weight, log in zip(weights, logs, strict=True))
    shifted = np.exp(total - np.max(total, axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def blend(logs: list[Dense], codes: Codes) -> Blend:
    """Fit model weights and label corruption together, by likelihood of the given labels.

    With q = `mix` and flips T the chance to see label y is the sum over c of q_c T_cy. A flipped
    label then costs a bounded amount and does not flatten the probabilities of all other rows;
    and since T does not depend on the row, only errors that stay where the models are surest
    count as corruption. Those that thin out with growing certainty are the models' own.
    Weights and T take turns, as in expectation maximisation, from a few starts: the likeliest wins.
    """
    import numpy as np

    # Rows are in the order of their classes: a stride takes its share of each.
    step = -(-logs[0].size // BLEND_CELLS)
    part, part_codes = [log[::step] for log in logs], codes[::step]
    starts = (1.0 / len(logs), 0.5, 1.0) if len(logs) > 2 else (1.0 / len(logs),)
    tries = [_blend_from(part, part_codes, np.full(len(logs), start)) for start in starts]
    best = _sharpen(min(tries, key=lambda blended: blended.loss), part, part_codes)
    return best if step == 1 else _blend_at(np.asarray(best.weights), logs, codes, best.flips)


def _sharpen(best: Blend, logs: list[Dense], codes: Codes) -> Blend:
    """Return the surest blend that the labels do not contradict.

    Where the models' certainty tells nothing about their errors, those are corruption, but a
    likelihood alone cannot tell 3 % of flipped labels from a model that is never surer than 97 %.
    All weights grow together as long as the likelihood stays within the 95 % interval of a
    likelihood ratio with one degree of freedom; but not where the likeliest blend sees fewer than
    SURE_FLIPS flips and MANY_ERRORS errors, for a handful of errors never contradicts anything.
    """
    import numpy as np

    errors = (1 - best.accuracy) * len(codes)
    if errors < MANY_ERRORS and wrong_posterior(best, codes)[0].sum() < SURE_FLIPS:
        return best
    weights = np.asarray(best.weights)
    slack = LIKELIHOOD_SLACK / len(codes)
    surest = best
    for factor in SHARPER:
        even = uniform_flips(logs[0].shape[1], START_NOISE)
        sharp = _blend_at(factor * weights, logs, codes, np.maximum(surest.flips, even))
        if sharp.loss <= best.loss + slack:
            surest = sharp
    return surest


def _blend_at(weights: Dense, logs: list[Dense], codes: Codes, flips: Dense) -> Blend:
    """Return the blend at these weights, its flips fitted from a start at `flips`."""
    import numpy as np

    matrix = mix(logs, weights)
    flips = fit_flips(matrix, codes, flips)
    loss = -float(np.mean(np.log((matrix * flips.T[codes]).sum(axis=1) + 1e-300)))
    accuracy = float(np.mean(matrix.argmax(axis=1) == codes))
    return Blend(matrix, flips, accuracy, tuple(weights.tolist()), loss)


def _blend_from(logs: list[Dense], codes: Codes, weights: Dense) -> Blend:
    import numpy as np

    flips = uniform_flips(logs[0].shape[1], START_NOISE)
    loss = np.inf
    for _ in range(ROUNDS):
        flips = fit_flips(mix(logs, weights), codes, flips)
        weights, new_loss = fit_weights(logs, codes, flips, weights)
        if loss - new_loss < 1e-6:
            break
        loss = new_loss
    return _blend_at(weights, logs, codes, flips)


def uniform_flips(classes: int, noise: float) -> Dense:
    """Return the flips (classes, classes) of labels replaced evenly, a share `noise` of them."""
    import numpy as np

    flips = np.full((classes, classes), noise / (classes - 1))
    np.fill_diagonal(flips, 1 - noise)
    return flips


def fit_flips(matrix: Dense, codes: Codes, flips: Dense) -> Dense:
    """Re-estimate the flips for given class probabilities (rows, classes) by EM.

    Each row of flips is drawn towards even flips at the overall rate, as if PRIOR_ROWS more rows
    had been seen: a class with few rows cannot claim a corruption of its own.
    """
    import numpy as np

    classes = matrix.shape[1]
    seen = np.zeros((len(codes), classes))
    seen[np.arange(len(codes)), codes] = 1.0
    for _ in range(EM_STEPS):
        joint = matrix * flips.T[codes]
        joint /= joint.sum(axis=1, keepdims=True) + 1e-300
        counts = joint.T @ seen
        noise = max(1e-6, 1 - float(np.trace(counts)) / max(1e-9, float(counts.sum())))
        prior = PRIOR_ROWS * uniform_flips(classes, min(noise, MOST_NOISE))
        new = (counts + prior) / (counts.sum(axis=1, keepdims=True) + PRIOR_ROWS)
        change = float(np.abs(new - flips).max())
        flips = new
        if change < 1e-5:
            break
    return flips


def fit_weights(logs: list[Dense], codes: Codes, flips: Dense, start: Dense) -> tuple[Dense, float]:
    """Return the weights, shape (models,), that make the labels likeliest, and their loss."""
    import numpy as np
    from scipy.optimize import minimize

    share = flips.T[codes]

    def cost(weights: Dense) -> tuple[float, Dense]:
        q = mix(logs, weights)
        parts = q * share
        chance = parts.sum(axis=1) + 1e-300
        lead = parts / chance[:, None] - q
        slope = np.asarray([-float((lead * log).sum()) / len(codes) for log in logs])
        return -float(np.mean(np.log(chance))), slope

    # Where classes are far apart the likelihood is nearly flat, and the usual tolerances stop
    # with weights so small that no label stands out.
    best = minimize(
        cost,
        start,
        jac=True,
        bounds=[(0.0, MOST_WEIGHT)] * len(logs),
        method="L-BFGS-B",
        options={"ftol": 1e-12, "gtol": 1e-9, "maxiter": 50},
    )
    return np.asarray(best.x), float(best.fun)


def wrong_posterior(blended: Blend, codes: Codes) -> tuple[Dense, Codes]:
    """Return the chance that each label is wrong, and the likeliest other class: (rows,) both."""
    import numpy as np

    everyone = np.arange(len(codes))
    joint = blended.matrix * blended.flips.T[codes]
    kept = joint[everyone, codes].copy()
    total = joint.sum(axis=1) + 1e-300
    joint[everyone, codes] = -1.0
    return np.clip(1 - kept / total, 0.0, 1.0), joint.argmax(axis=1)
