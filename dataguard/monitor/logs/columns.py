"""Which column of a log is the step, the training loss, the validation loss."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from dataguard.errors import SourceError, UsageError, did_you_mean
from dataguard.monitor.logs.rows import Row

TRAIN = frozenset({"train", "training", "trn", "learn", "fit"})
VALIDATION = frozenset(
    {"val", "valid", "validation", "validate", "eval", "evaluation", "dev", "holdout", "heldout"}
)
TEST = frozenset({"test", "testing"})

STEPS = (
    "step", "global_step", "_step", "trainer/global_step", "iteration", "iter", "epoch", "round",
    "updates", "num_updates",
)  # fmt: skip
"""Names of the step, the first that is there counts."""

LOSSES = frozenset((
    "loss", "logloss", "mlogloss", "nll", "nloglik", "deviance", "crossentropy", "entropy", "ce",
    "bce", "mse", "rmse", "rmsle", "mae", "mape", "mphe", "l1", "l2", "huber", "quantile",
    "poisson", "tweedie", "gamma", "error", "merror", "err", "perplexity", "ppl", "objective",
    "cost",
))  # fmt: skip
"""Words of measures that are better when smaller."""

GAINS = frozenset((
    "auc", "aucpr", "pr", "ap", "map", "ndcg", "accuracy", "acc", "f1", "r2", "dice", "iou",
    "bleu", "rouge", "precision", "recall", "score",
))  # fmt: skip
"""Words of measures that are better when larger."""

IDLE = frozenset({"epoch", "step", "avg", "average", "mean", "total", "running", "smoothed"})
"""Words that do not tell one measure from another."""

RATES = frozenset({"lr", "learning_rate", "learningrate"})
NORMS = frozenset({"grad_norm", "gradient_norm", "gnorm", "grad_norm_total", "grad_2_0_norm_total"})

SUMMARY = "train_runtime"
"""In the last record of Hugging Face's Trainer, whose train_loss is the mean of the whole run."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says of a log; None where it is to be recognised.

    Attributes:
        step: Column of the step.
        train: Column of the training loss.
        val: Column of the validation loss, or of the metric that decides.
        mode: "min" where a smaller validation value is better, "max" where a larger one is.
    """

    step: str | None = None
    train: str | None = None
    val: str | None = None
    mode: str | None = None


@dataclass(slots=True)
class Reading:
    """What a row says to the monitor.

    Attributes:
        step: Its step, None where the log has none.
        train: Training loss, if the row gives one.
        val: Validation losses by name, if it gives any.
        metrics: All other numbers, the learning rate and the gradient norm by the monitor's names.
        line: Its line in the log.
    """

    step: int | None = None
    train: float | None = None
    val: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """The columns of a log.

    Attributes:
        step: Column of the step; None where there is none.
        train: Columns whose sum is the training loss.
        val: For each validation set, by name, the columns whose sum is its loss.
        rising: Whether larger values are better.
    """

    step: str | None = None
    train: tuple[str, ...] = ()
    val: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rising: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name, taken apart.

    Attributes:
        column: The name.
        split: "train", "val", "test", or "" where it does not say.
        measure: What is measured, without the words that do not tell.
        rank: 0 for a mean over an epoch, 2 for the value of a single step, 1 for others.
    """

    column: str
    split: str
    measure: str
    rank: int

    @property
    def loss(self) -> bool:
        """Whether it is a measure that is better when smaller."""
        return not LOSSES.isdisjoint(self.measure.split("_"))

    @property
    def gain(self) -> bool:
        """Whether it is a measure that is better when larger."""
        return not self.loss and not GAINS.isdisjoint(self.measure.split("_"))


class Columns:
    """Finds the columns, and reads rows by them.

    Args:
        path: The log, for messages.
        given: What the user says.
    """

    def __init__(self, path: str, given: Given | None = None) -> None:
        self._path = path
        self._given = given or Given()
        self._names: dict[str, None] = {}
        self._fractions = False
        self.roles = Roles()

    @property
    def mode(self) -> str:
        """ "max" where larger validation values are better, else "min"."""
        return self._given.mode or ("max" if self.roles.rising else "min")

    @property
    def train_sign(self) -> float:
        """-1 where the training column is better when larger, such as an accuracy, else 1."""
        return -1.0 if any(parse(name).gain for name in self.roles.train) else 1.0

    def readings(self, rows: Sequence[Row]) -> Iterator[Reading]:
        """What the rows say.

        Raises:
            SourceError: A loss or a step is a word.
        """
        rows = [row for row in rows if SUMMARY not in row.values]
        known = len(self._names)
        for row in rows:
            self._names.update(dict.fromkeys(row.values))
        if len(self._names) != known:
            self.roles = chosen(tuple(self._names), self._given)
        self._fractions = self._fractions or any(map(self._fraction, rows))
        for row in rows:
            reading = self._reading(row)
            if reading is not None:
                yield reading

    def require(self) -> None:
        """Raise where nothing in the log can be judged.

        Raises:
            UsageError: A column that the user named is not there, or none was recognised.
            SourceError: There are no values at all.
        """
        names = list(self._names)
        wanted = (
            ("step", self._given.step),
            ("train", self._given.train),
            ("val", self._given.val),
        )
        for option, name in wanted:
            if name is not None and name not in self._names:
                raise UsageError(
                    f"{self._path}: no column '{name}' for --{option}{did_you_mean(name, names)}"
                )
        if not self.roles.train and not self.roles.val:
            if not names:
                reason = "the log holds no values; where it is text of another form, give --pattern"
                raise SourceError(self._path, reason)
            raise UsageError(
                f"{self._path}: no training or validation loss is recognised in it; name columns "
                f"by --train and --val, or lines by --pattern{did_you_mean('', names)}"
            )

    def _reading(self, row: Row) -> Reading | None:
        try:
            train = self._sum(row, self.roles.train)
            sets = {name: self._sum(row, parts) for name, parts in self.roles.val.items()}
            step = self._step(row)
        except SourceError:
            if row.half:
                return None
            raise
        found = Reading(step, train, {n: v for n, v in sets.items() if v is not None}, {}, row.line)
        taken = {
            self.roles.step,
            *self.roles.train,
            *(c for p in self.roles.val.values() for c in p),
        }
        for name, value in row.values.items():
            if name not in taken and isinstance(value, float):
                found.metrics.setdefault(metric(name), value)
        return found

    def _sum(self, row: Row, parts: Iterable[str]) -> float | None:
        values = []
        for name in parts:
            value = row.values.get(name)
            if isinstance(value, str):
                raise SourceError(self._path, f"'{name}' is '{value[:40]}', no number", row.line)
            values.append(value)
        numbers = [value for value in values if value is not None]
        return sum(numbers) if numbers and len(numbers) == len(values) else None

    def _step(self, row: Row) -> int | None:
        value = row.step if self._given.step is None else None
        if value is None and self.roles.step is not None and not self._fractions:
            named = row.values.get(self.roles.step)
            if isinstance(named, str):
                reason = f"step '{self.roles.step}' is '{named[:40]}', no number"
                raise SourceError(self._path, reason, row.line)
            value = int(named) if named is not None and abs(named) < 2**63 else None
        return value

    def _fraction(self, row: Row) -> bool:
        """Whether the step is a share of an epoch: then rows are counted instead."""
        value = None if self.roles.step is None else row.values.get(self.roles.step)
        return isinstance(value, float) and not value.is_integer() and abs(value) < 2**63


def metric(name: str) -> str:
    """A column's name as the monitor knows it: "learning_rate", "grad_norm", else as it is."""
    words = "_".join(_words(name))
    last = _words(name.rsplit("/", 1)[-1])
    if words in RATES or "_".join(last) in RATES or "lr" in _words(name)[:1]:
        return "learning_rate"
    if words in NORMS or "_".join(last) in NORMS:
        return "grad_norm"
    return name


def chosen(names: Sequence[str], given: Given) -> Roles:
    """The columns that these names stand for.

    A loss is preferred to other measures, the whole one to its parts, the validation set to the
    test set. Parts that both splits have (YOLO's box, class and focal loss) are added up.
    """
    steps = [n for wanted in STEPS for n in names if n.strip().lower() == wanted]
    step = given.step or next(iter(steps), None)
    parsed = [parse(n) for n in names if n not in steps and metric(n) == n]
    val, rising, measures = _validation(parsed)
    if given.val is not None:
        val = {given.val: (given.val,)}
        rising = parse(given.val).gain
        measures = [parse(given.val).measure]
    train = (given.train,) if given.train else _training(parsed, measures, rising=rising)
    return Roles(step, train, val, rising if given.mode is None else given.mode == "max")


def _validation(names: list[Name]) -> tuple[dict[str, tuple[str, ...]], bool, list[str]]:
    """Validation sets with their columns; whether larger is better; the measures."""
    mine = _without_first_set(names, _judged(names))
    losses = sorted((n for n in mine if n.loss), key=_by_loss)
    if not losses:
        gains = sorted((n for n in mine if n.gain), key=lambda n: n.rank)
        same = [n for n in gains if n.measure == gains[0].measure]
        return _sets(same), bool(gains), [n.measure for n in same[:1]]
    whole = [n for n in losses if n.measure == "loss"]
    trained = {n.measure for n in names if n.split == "train"}
    parts = [n for n in losses if n.measure.endswith("_loss")]
    if not whole and len(parts) > 1 and {n.measure for n in parts} <= trained:
        columns = tuple(n.column for n in parts)
        return {"val_loss": columns}, False, [n.measure for n in parts]
    if whole:
        same = whole
    elif parts and parts[0] is losses[0]:  # eval_wiki_loss, eval_code_loss: two sets
        same = parts
    else:
        same = [n for n in losses if n.measure == losses[0].measure]
    return _sets(same), False, [same[0].measure]


def _judged(names: list[Name]) -> list[Name]:
    """The validation columns. Boosting libraries call any set that is not trained on as they like:
    there a test set is a validation set as well."""
    both = [n for n in names if n.split in ("val", "test")]
    if any(n.measure == "loss" for n in both):
        return [n for n in both if n.split == "val"] or both
    return both


def _without_first_set(names: list[Name], mine: list[Name]) -> list[Name]:
    """scikit-learn's face of XGBoost counts the sets it is given, by custom the training set first:
    where no column is of training, validation_0 of several is."""
    numbers = {n.column[:12] for n in mine if re.match(r"validation_\d", n.column)}
    if len(numbers) > 1 and not any(n.split == "train" for n in names):
        return [n for n in mine if not n.column.startswith("validation_0")]
    return mine


def _sets(same: list[Name]) -> dict[str, tuple[str, ...]]:
    """One validation set a column; of means and single values of one set, the mean."""
    if len({n.rank for n in same}) > 1:
        best = min(n.rank for n in same)
        same = [n for n in same if n.rank == best]
    return {n.column: (n.column,) for n in same}


def _training(names: list[Name], measures: list[str], *, rising: bool) -> tuple[str, ...]:
    """Columns whose sum is the training loss."""
    mine = [n for n in names if n.split == "train"]
    mine += [n for n in names if n.split == "" and n.loss]
    if not mine:
        mine = [n for n in names if n.column.startswith("validation_0")]
    if len(measures) > 1:
        by_measure = {n.measure: n.column for n in mine}
        return tuple(by_measure[m] for m in measures)
    losses = sorted((n for n in mine if n.loss), key=_by_loss)
    same = [n for n in losses if n.measure in measures]
    whole = [n for n in losses if n.measure == "loss"]
    best = same or whole or losses[:1]
    if rising and not best:
        best = [n for n in mine if n.measure in measures]
    return (best[0].column,) if best else ()


def _by_loss(name: Name) -> tuple[bool, bool, int]:
    """The loss itself, then parts of it, then other measures in the order of the log."""
    return (name.measure != "loss", "loss" not in name.measure.split("_"), name.rank)


@cache
def parse(column: str) -> Name:
    """Take a column's name apart."""
    split, rank = "", 1
    kept: list[str] = []
    for word in _words(column):
        bare = word.rstrip("0123456789")
        kind = next((k for k, known in _SPLITS.items() if bare in known), None)
        if kind is not None:
            split = split or kind
        elif word in IDLE:
            rank = {"epoch": 0, "step": 2}.get(word, rank)
        elif not word.isdigit() and kept[-1:] != [word]:  # Loss_val/Loss: once
            kept.append(word)
    return Name(column, split, "_".join(kept), rank)


_SPLITS = {"train": TRAIN, "val": VALIDATION, "test": TEST}

_JOINED = re.compile(r"\b(train|training|val|valid|validation|eval|test)(loss|error|acc\w*)\b")


def _words(name: str) -> list[str]:
    text = _JOINED.sub(r"\1 \2", re.sub(r"[_\W]+", " ", name.lower()))
    return text.split()
