"""scikit-learn: loops of `partial_fit`, estimators with callbacks, and fitted estimators."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import log_loss, mean_squared_error, zero_one_loss
from sklearn.utils import gen_batches, shuffle

from dataguard.errors import UsageError
from dataguard.monitor.adapters.session import Listener, Session
from dataguard.monitor.core import Monitor

Loss = Callable[[Any, Any, Any], float]
"""Loss of a fitted estimator on rows and targets: `loss(estimator, X, y)`."""


def watch_partial_fit(
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any,
    X_val: Any,  # noqa: N803
    y_val: Any,
    *,
    epochs: int,
    monitor: Monitor | None = None,
    on_event: Listener | None = None,
    restore_best: bool = False,
    loss: Loss | None = None,
    batch_size: int | None = None,
    seed: int = 0,
) -> Any:
    """Train by `partial_fit`, epoch by epoch, and watch the loss after each.

    Training goes on from where the estimator is; steps from where the monitor is.

    Args:
        estimator: One with `partial_fit`; it is trained in place.
        X: Training rows, of shape (n, features): an array, a sparse matrix or a table.
        y: Their targets, of shape (n,).
        X_val: Validation rows.
        y_val: Their targets.
        epochs: Passes over the training rows, at most.
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Leave the estimator as it was after its best epoch; where that was in an
            earlier call, as it is after the last one.
        loss: What is watched; None for `default_loss`.
        batch_size: Rows a call, drawn in a new order each epoch; None hands over all at once.
        seed: Of that order.

    Returns:
        The estimator.
    """
    session = Session(monitor, on_event=on_event)
    measured = loss or default_loss
    settings = {"classes": np.unique(y)} if is_classifier(estimator) else {}
    state, best = session.monitor.state_dict(), None
    start = state["step"] + 1 if state["updates"] else 0
    for epoch in range(start, start + epochs):
        for rows, targets in _batches(X, y, batch_size, [seed, epoch]):
            estimator.partial_fit(rows, targets, **settings)
        losses = measured(estimator, X, y), measured(estimator, X_val, y_val)
        verdict = session.update(epoch, *losses)
        if restore_best and verdict.improved:
            best = copy.deepcopy(vars(estimator))
        if verdict.should_stop:
            break
    if best is not None:
        vars(estimator).update(best)
    return estimator


class MonitorCallback:
    """Watches the iterations of one `fit`, in estimators that take callbacks.

    Those of scikit-learn 1.9 on: `LogisticRegression().set_callbacks(MonitorCallback(…))`. Each
    fit begins anew with the state that the monitor had before the first, but for estimators with
    `warm_start`.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        X_val: Validation rows, of shape (m, features).
        y_val: Their targets, of shape (m,).
        on_event: Is handed each event as it is raised; None logs it.
        loss: What is watched; None for `default_loss`.

    Raises:
        UsageError: There are rows or targets for validation without the other.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        X_val: Any = None,  # noqa: N803
        y_val: Any = None,
        on_event: Listener | None = None,
        loss: Loss | None = None,
    ) -> None:
        if (X_val is None) != (y_val is None):
            raise UsageError("X_val and y_val go together")
        self._session = Session(monitor, on_event=on_event)
        self.monitor = self._session.monitor
        self._validation = None if X_val is None else (X_val, y_val)
        self._loss = loss or default_loss
        self._initial: dict[str, Any] | None = None
        self._next = 0

    def setup(self, estimator: Any, context: Any) -> None:
        """Begin anew, unless the estimator itself goes on."""
        if self._initial is None:
            self._initial = self.monitor.state_dict()
        elif not getattr(estimator, "warm_start", False):
            self.monitor.load_state_dict(self._initial)
        state = self.monitor.state_dict()
        self._next = state["step"] + 1 if state["updates"] else 0

    def teardown(self, estimator: Any, context: Any) -> None:
        """Nothing to clear away."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """An iteration is looked at when it ends."""

    def on_fit_task_end(
        self,
        estimator: Any,
        context: Any,
        *,
        X: Any = None,  # noqa: N803
        y: Any = None,
        fitted_estimator: Any = None,
    ) -> bool:
        """Tell the monitor of an iteration; True where it asks to stop."""
        iteration = context.parent is not None and context.max_subtasks == 0
        if not iteration or fitted_estimator is None or X is None:
            return False
        held_out = self._validation
        verdict = self._session.update(
            self._next,
            self._loss(fitted_estimator, X, y),
            None if held_out is None else self._loss(fitted_estimator, *held_out),
        )
        self._next += 1
        return verdict.should_stop


def replay(
    estimator: Any,
    X_val: Any = None,  # noqa: N803
    y_val: Any = None,
    *,
    monitor: Monitor | None = None,
    on_event: Listener | None = None,
) -> Monitor:
    """Judge the curves that a fitted estimator has kept.

    Gradient boosting, AdaBoost: its stages, on the validation rows; or the out-of-bag loss. With
    histograms: the scores of its own early stopping. MLP: `loss_curve_`, `validation_scores_`.

    Args:
        estimator: The fitted estimator.
        X_val: Validation rows, for estimators that predict by stages.
        y_val: Their targets.
        monitor: The monitor; None for one with the defaults.
        on_event: Is handed each event; None logs it.

    Returns:
        The monitor. Its mode is "max" where the estimator kept scores rather than losses.

    Raises:
        UsageError: The estimator has kept no curve.
    """
    session = Session(monitor, on_event=on_event)
    trained = _curve(estimator, "train_score_") or _curve(estimator, "loss_curve_")
    if X_val is not None:
        validated = list(_staged(estimator, X_val, y_val))
        trained = _same_scale(estimator, trained)[-len(validated) :]
    elif histogram := _curve(estimator, "validation_score_"):
        validated, trained = [-v for v in histogram], [-v for v in trained]
        if estimator.scoring != "loss":  # a score: the monitor is to show it as it is
            session.monitor.mode, validated = "max", histogram
    elif validated := _curve(estimator, "validation_scores_"):
        session.monitor.mode = "max"
    else:
        validated = _curve(estimator, "oob_scores_")
    if not trained and not validated:
        raise UsageError(f"{type(estimator).__name__} has kept no curve: fit it, or give X_val")
    for step in range(max(len(trained), len(validated))):
        loss = trained[step] if step < len(trained) else None
        session.update(step, loss, validated[step] if step < len(validated) else None)
    return session.monitor


def default_loss(estimator: Any, X: Any, y: Any) -> float:  # noqa: N803
    """What is watched unless told otherwise.

    Log loss of a classifier with probabilities, error rate of one without, mean squared error of a
    regressor, and the negated score of anything else.
    """
    if is_regressor(estimator):
        return float(mean_squared_error(y, estimator.predict(X)))
    if not is_classifier(estimator):
        return -float(estimator.score(X, y))
    if hasattr(estimator, "predict_proba"):
        return float(log_loss(y, estimator.predict_proba(X), labels=estimator.classes_))
    return float(zero_one_loss(y, estimator.predict(X)))


def _batches(rows: Any, targets: Any, size: int | None, seed: list[int]) -> Iterator[Any]:
    if size is None:
        yield rows, targets
        return
    order = int(np.random.SeedSequence(seed).generate_state(1)[0])
    rows, targets = shuffle(rows, targets, random_state=order)
    for part in gen_batches(rows.shape[0], size):
        yield rows[part], targets[part]


def _curve(estimator: Any, name: str) -> list[float]:
    values = getattr(estimator, name, None)
    return [] if values is None else [float(v) for v in values]


def _staged(estimator: Any, rows: Any, targets: Any) -> Iterator[float]:
    """Loss after each stage, as `default_loss` measures it."""
    if is_classifier(estimator) and hasattr(estimator, "staged_predict_proba"):
        for odds in estimator.staged_predict_proba(rows):
            yield float(log_loss(targets, odds, labels=estimator.classes_))
    elif hasattr(estimator, "staged_predict"):
        measure = zero_one_loss if is_classifier(estimator) else mean_squared_error
        for predicted in estimator.staged_predict(rows):
            yield float(measure(targets, predicted))
    else:
        raise UsageError(f"{type(estimator).__name__} does not predict by stages: leave X_val out")


def _same_scale(estimator: Any, trained: list[float]) -> list[float]:
    """The training curve as `_staged` measures the other; empty where it is of another measure.

    Gradient boosting on two classes keeps the deviance, which is twice the log loss; the kind with
    histograms keeps negated losses, and half the squared error.
    """
    if not trained or estimator.loss not in ("log_loss", "squared_error"):
        return []
    if hasattr(estimator, "validation_score_"):
        factor = -2.0 if estimator.loss == "squared_error" else -1.0
        return [factor * v for v in trained] if estimator.scoring == "loss" else []
    binary = estimator.loss == "log_loss" and len(estimator.classes_) == 2
    return [v / 2 for v in trained] if binary else trained
