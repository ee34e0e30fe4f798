"""Find rows whose given label is probably wrong, from out-of-sample class probabilities.

A classifier's errors are of two kinds: rows near the border between classes, which it may well
miss, and rows far from any border whose label is wrong. Confident learning (Northcutt, Jiang and
Chuang, JAIR 2021; cleanlab) counts both. Here the two are told apart by likelihood: the share of
flipped labels is the error rate that remains where the models are surest (`label_models.blend`),
and each row's score is its chance of being flipped, by Bayes' rule. On a clean set with hard
borders that share is near zero, and nothing is flagged.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats import encode, label_models
from dataguard.stats import folds as folds_of
from dataguard.stats.encode import Features

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

__all__ = [
    "Features",
    "Probabilities",
    "Suspect",
    "label_scores",
    "likely_mislabelled",
    "out_of_sample_probabilities",
]

# Twenty thousand rows of fifty words and nine columns take about ten seconds on one core.
MAX_ROWS = 20_000
# Rows times classes, so that no matrix of probabilities passes 64 MB.
MAX_CELLS = 8_000_000
# Below this share of the majority rule's errors removed, labels count as not predictable.
LEAST_SKILL = 0.2
# Set on sixty small real tables of mostly true labels, where weak models took up to half of the
# rows for wrong: the models must agree with most labels that they do not suspect, and suspect few.
LEAST_AGREEMENT = 0.8
MOST_NOISE = 0.3
# A row is a suspect when another class is likelier than its own and this likely altogether.
LEAST_SCORE = 0.5
# A group of copies that holds more than one row in this many would fill half a fold.
SMALLEST_GROUPS = 10


class Probabilities(msgspec.Struct, frozen=True, eq=False):
    """What the features say about each label, by models that did not see the row.

    `positions` (rows,): the 0-based rows that were scored, ascending; the others had no label, a
    class with too few members (`rare_rows` of `rare_classes`), or were not sampled (`unsampled`).
    `matrix` (rows, classes): the chance of each true class given the features and the corruption
    of labels that was found. `flips` (classes, classes): the chance that a true class (row) is
    given as another (column). `accuracy`: the share of given labels that the models predict;
    `majority`: the share of the most frequent class. `noise`: the expected share of wrong labels;
    `agreement`: the share predicted rightly among labels that are more likely right than wrong.
    """

    classes: tuple[str, ...]
    positions: npt.NDArray[np.int64]
    matrix: npt.NDArray[np.float64]
    flips: npt.NDArray[np.float64]
    accuracy: float
    majority: float
    noise: float
    agreement: float
    rare_rows: int
    rare_classes: int
    unsampled: int

    @property
    def unusable(self) -> str | None:
        """Say why no label can be judged by these probabilities; None if they can."""
        if len(self.classes) < 2:
            return f"labels of fewer than two classes with enough rows ({len(self.classes)} found)"
        skill = (self.accuracy - self.majority) / max(1e-9, 1 - self.majority)
        if skill < LEAST_SKILL:
            return (
                "the features do not predict the label "
                f"(accuracy {self.accuracy:.2f}, majority class {self.majority:.2f})"
            )
        if self.agreement < LEAST_AGREEMENT or self.noise > MOST_NOISE:
            return (
                "the features predict the label too loosely to tell wrong labels from hard rows "
                f"(accuracy {self.accuracy:.2f}, {self.agreement:.2f} without suspects)"
            )
        return None


class Suspect(msgspec.Struct, frozen=True):
    """A row whose label is probably wrong; `score` is the chance of that, from 0 to 1."""

    position: int
    given: str
    suggested: str
    score: float


class _Rows(msgspec.Struct, frozen=True, eq=False):
    """Rows to learn from, in an order that depends on their content alone."""

    positions: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]
    groups: npt.NDArray[np.uint64]
    classes: tuple[str, ...]
    rare_rows: int
    rare_classes: int
    unsampled: int


def out_of_sample_probabilities(
    features: Features,
    labels: pl.Series,
    *,
    folds: int = 5,
    seed: int = 0,
    max_rows: int = MAX_ROWS,
) -> Probabilities:
    """Predict each label from the features, each row by models that saw neither it nor a copy.

    `labels`, shape (rows,), are class names; null labels are left out. Models are fitted twice:
    the second time without the rows that the first found to be mislabelled. Past `max_rows` rows
    (or MAX_CELLS / classes) a sample by content is scored. The same rows in another order give
    the same answer. Raises ValueError if `folds` is below two.
    """
    if folds < 2:
        raise ValueError(f"out-of-sample probabilities need two or more folds, not {folds}")
    rows = _choose(features, labels, folds, seed, max_rows)
    if len(rows.classes) < 2:
        return _nothing(rows)
    encoded = encode.encode(features.gather(rows.positions), len(rows.positions))
    dealt = folds_of.stratified_folds(rows.groups, rows.codes, folds)
    blended = label_models.fit(encoded, rows.codes, dealt, len(rows.classes), seed)
    return _in_row_order(rows, blended)


def _in_row_order(rows: _Rows, blended: label_models.Blend) -> Probabilities:
    """The predictions by ascending position, with what they say of the labels as a whole."""
    import numpy as np

    back = np.argsort(rows.positions)
    counts = np.bincount(rows.codes)
    wrong = label_models.wrong_posterior(blended, rows.codes)[0]
    right = blended.matrix.argmax(axis=1) == rows.codes
    return Probabilities(
        classes=rows.classes,
        positions=rows.positions[back],
        matrix=blended.matrix[back],
        flips=blended.flips,
        accuracy=blended.accuracy,
        majority=float(counts.max() / counts.sum()),
        noise=float(wrong.mean()),
        agreement=float(right[wrong < LEAST_SCORE].mean()) if (wrong < LEAST_SCORE).any() else 0.0,
        rare_rows=rows.rare_rows,
        rare_classes=rows.rare_classes,
        unsampled=rows.unsampled,
    )


def likely_mislabelled(
    probabilities: Probabilities, labels: pl.Series, *, least: float = LEAST_SCORE
) -> tuple[Suspect, ...]:
    """Return the rows whose label is probably wrong, the likeliest first.

    `labels` are those that `out_of_sample_probabilities` was given. A row's score is
    1 - P(given label is right | features, given label): the corruption found enters by Bayes'
    rule, and cleanlab's quality score of the resulting probabilities is its complement. cleanlab
    picks the rows for which another class is likelier; those below `least` are dropped.
    """
    import numpy as np

    if probabilities.unusable is not None or not len(probabilities.positions):
        return ()
    codes, posterior = _posterior(probabilities, labels)
    issues, quality = _judge(codes, posterior)
    score = np.clip(1.0 - quality, 0.0, 1.0)
    chosen = np.flatnonzero(issues & (score >= least))
    ordered = chosen[np.argsort(-score[chosen], kind="stable")]
    return tuple(
        Suspect(
            position=int(probabilities.positions[place]),
            given=probabilities.classes[int(codes[place])],
            suggested=probabilities.classes[int(posterior[place].argmax())],
            score=float(score[place]),
        )
        for place in ordered
    )


def label_scores(probabilities: Probabilities, labels: pl.Series) -> npt.NDArray[np.float64]:
    """Return the score of each row of `probabilities.positions`, suspect or not, shape (rows,)."""
    import numpy as np

    codes, posterior = _posterior(probabilities, labels)
    if not posterior.size:
        return np.zeros(len(codes))
    return np.clip(1.0 - posterior[np.arange(len(codes)), codes], 0.0, 1.0)


def _posterior(
    probabilities: Probabilities, labels: pl.Series
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the given codes (rows,) and the chance of each true class with them in mind."""
    import numpy as np
    import polars as pl

    given = labels.cast(pl.String).gather(pl.Series(probabilities.positions)).to_list()
    places = {name: code for code, name in enumerate(probabilities.classes)}
    codes = np.asarray([places[name] for name in given], dtype=np.int64)
    joint = probabilities.matrix * probabilities.flips.T[codes] + 1e-300
    return codes, joint / joint.sum(axis=1, keepdims=True)


def _judge(
    codes: npt.NDArray[np.int64], posterior: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Ask cleanlab which rows are issues, and how good each label is: both of shape (rows,)."""
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores

        issues = find_label_issues(codes, posterior, filter_by="predicted_neq_given", n_jobs=1)
        quality = get_label_quality_scores(codes, posterior, method="self_confidence")
    return np.asarray(issues, dtype=np.bool_), np.asarray(quality, dtype=np.float64)


def _choose(features: Features, labels: pl.Series, least: int, seed: int, limit: int) -> _Rows:
    """Drop unlabelled rows, sample, drop classes below `least` members, and order by content."""
    import numpy as np
    import polars as pl

    names = labels.cast(pl.String)
    labelled = np.flatnonzero(names.is_not_null().to_numpy())
    groups, contents = content_keys(
        features.gather(labelled), names.gather(pl.Series(labelled)), seed
    )
    capped = max(2, min(limit, MAX_CELLS // max(1, names.drop_nulls().n_unique())))
    sampled = folds_of.sample_groups(groups, capped)
    positions, groups, contents = labelled[sampled], groups[sampled], contents[sampled]
    found, codes, counts = np.unique(
        np.asarray(names.gather(pl.Series(positions)).to_list(), dtype=object),
        return_inverse=True,
        return_counts=True,
    )
    frequent = counts >= least
    kept = frequent[codes]
    codes = (np.cumsum(frequent) - 1)[codes]
    order = np.flatnonzero(kept)
    order = order[np.lexsort((contents[order], codes[order]))]
    return _Rows(
        positions=positions[order],
        codes=codes[order],
        groups=groups[order],
        classes=tuple(found[frequent].tolist()),
        rare_rows=int(np.count_nonzero(~kept)),
        rare_classes=int(np.count_nonzero(~frequent)),
        unsampled=int(len(labelled) - len(positions)),
    )


def content_keys(
    features: Features, names: pl.Series, seed: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Hash each row's group (rows that must share a fold) and its content: (rows,) both.

    A group is the rows of the same text or, without text, of the same features. Where a few
    groups hold most rows (a yes/no column, say) every row is its own group: a fold could not
    learn from the others else, and copies cannot be told from rows that merely look alike.
    """
    import numpy as np
    import polars as pl

    rows = len(names)
    texts = _text_parts(features)
    numbers = [column.fill_null(np.nan).to_numpy() for column in features.numbers]
    rest = [column.fill_null("\0").cast(pl.Binary).to_list() for column in features.categories]
    if numbers:
        rest.append(folds_of.number_bytes(np.stack(numbers, axis=1)))
    contents = folds_of.row_hashes([*texts, *rest], rows, seed=seed)
    groups = folds_of.row_hashes(texts, rows, seed=seed) if texts else contents
    for candidate in (groups, contents):
        if folds_of.largest_group(candidate) * SMALLEST_GROUPS <= rows:
            return candidate, contents
    copies = pl.DataFrame({"content": contents, "name": names}).select(
        pl.int_range(pl.len()).over("content", "name").cast(pl.String).cast(pl.Binary)
    )
    single = [[value.tobytes() for value in contents], names.cast(pl.Binary).to_list()]
    return folds_of.row_hashes([*single, copies.to_series().to_list()], rows, seed=seed), contents


def _text_parts(features: Features) -> list[list[bytes]]:
    """Return the texts as bytes, without case and spacing, in which copies often differ."""
    import polars as pl

    return [
        column.fill_null("")
        .str.slice(0, encode.MAX_CHARACTERS)
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .cast(pl.Binary)
        .to_list()
        for column in features.texts
    ]


def _nothing(rows: _Rows) -> Probabilities:
    """Return the answer for labels of fewer than two classes."""
    import numpy as np

    return Probabilities(
        classes=rows.classes,
        positions=np.sort(rows.positions),
        matrix=np.ones((len(rows.positions), len(rows.classes))),
        flips=np.eye(len(rows.classes)),
        accuracy=0.0,
        majority=float(len(rows.classes)),
        noise=0.0,
        agreement=0.0,
        rare_rows=rows.rare_rows,
        rare_classes=rows.rare_classes,
        unsampled=rows.unsampled,
    )
