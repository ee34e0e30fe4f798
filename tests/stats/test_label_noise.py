from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from dataguard.stats.label_noise import (
    Features,
    likely_mislabelled,
    out_of_sample_probabilities,
)

GOOD = ["great", "excellent", "wonderful", "superb", "perfect", "fantastic"]
BAD = ["terrible", "awful", "horrible", "broken", "useless", "faulty"]
THINGS = ["phone", "laptop", "camera", "blender", "book", "lamp", "chair", "kettle"]


def reviews(rows: int, seed: int = 0) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for row in range(rows):
        good = bool(rng.integers(2))
        first, second = rng.choice(GOOD if good else BAD, 2, replace=False)
        thing, other = rng.choice(THINGS, 2)
        texts.append(f"the {thing} with order {row} was {first} and {second} unlike the {other}")
        labels.append("positive" if good else "negative")
    return texts, labels


def flipped(labels: list[str], share: float, seed: int = 1) -> tuple[list[str], set[int]]:
    rng = np.random.default_rng(seed)
    classes = sorted(set(labels))
    rows = rng.choice(len(labels), round(share * len(labels)), replace=False).tolist()
    noisy = list(labels)
    for row in rows:
        noisy[row] = str(rng.choice([name for name in classes if name != labels[row]]))
    return noisy, set(rows)


def found(features: Features, labels: Sequence[str | None], **options: int) -> dict[int, str]:
    series = pl.Series(labels, dtype=pl.String)
    suspects = likely_mislabelled(out_of_sample_probabilities(features, series, **options), series)
    return {suspect.position: suspect.suggested for suspect in suspects}


def bundled(name: str) -> tuple[Features, list[str]]:
    from sklearn import datasets

    loaders = {
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
    }
    data = loaders[name]()
    numbers = tuple(pl.Series(column.astype(np.float64)) for column in data.data.T)
    return Features(numbers=numbers), [f"class {value}" for value in data.target]


def test_flipped_labels_of_learnable_text_are_found_with_their_true_label() -> None:
    texts, labels = reviews(1200)
    noisy, wrong = flipped(labels, 0.03)

    suspects = found(Features(texts=(pl.Series(texts),)), noisy)

    assert set(suspects) == wrong
    assert all(suspects[row] == labels[row] for row in wrong)


def test_clean_learnable_text_gives_no_suspect() -> None:
    texts, labels = reviews(1200)

    assert found(Features(texts=(pl.Series(texts),)), labels) == {}


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_at_most_one_row_in_two_hundred_of_a_well_known_clean_set_is_a_suspect(name: str) -> None:
    features, labels = bundled(name)

    assert len(found(features, labels)) <= len(labels) / 200


@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
def test_five_percent_flipped_labels_of_number_tables_are_found(name: str) -> None:
    features, labels = bundled(name)
    noisy, wrong = flipped(labels, 0.05)

    suspects = set(found(features, noisy))

    assert len(suspects & wrong) >= 0.8 * len(wrong)
    assert len(suspects & wrong) >= 0.8 * len(suspects)


def test_labels_that_only_ever_turn_into_the_next_class_are_found() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 5, 1500)
    texts = [" ".join(f"k{code}x{word}" for word in rng.integers(0, 20, 6)) for code in codes]
    wrong = set(rng.choice(1500, 120, replace=False).tolist())
    labels = [f"c{(code + (row in wrong)) % 5}" for row, code in enumerate(codes)]

    suspects = set(found(Features(texts=(pl.Series(texts),)), labels))

    assert len(suspects & wrong) >= 0.97 * len(wrong)
    assert len(suspects & wrong) >= 0.97 * len(suspects)


def test_text_numbers_and_categories_each_tell_about_the_label() -> None:
    rng = np.random.default_rng(5)
    labels = [f"c{code}" for code in rng.integers(0, 2, 600)]
    is_one = np.asarray([label == "c1" for label in labels])
    noisy, wrong = flipped(labels, 0.05)
    noise = [f"w{word}" for word in rng.integers(0, 300, 600)]
    telling = (
        Features(
            texts=(
                pl.Series(
                    [f"{n} yes" if o else f"{n} no" for n, o in zip(noise, is_one, strict=True)]
                ),
            )
        ),
        Features(numbers=(pl.Series(rng.normal(size=600) + 20.0 * is_one),)),
        Features(categories=(pl.Series(np.where(is_one, "a", "b").tolist()), pl.Series(noise))),
    )
    for features in telling:
        suspects = set(found(features, noisy))
        assert suspects <= wrong
        assert len(suspects) >= 0.95 * len(wrong)


def test_random_labels_are_called_unpredictable_and_none_is_flagged() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 300, 10)) for _ in range(800)]
    labels = pl.Series([f"c{code}" for code in rng.integers(0, 2, 800)])

    probabilities = out_of_sample_probabilities(Features(texts=(pl.Series(texts),)), labels)

    assert probabilities.unusable is not None
    assert probabilities.unusable.startswith("the features do not predict the label (accuracy 0.")
    assert likely_mislabelled(probabilities, labels) == ()


def test_shuffled_rows_give_the_same_suspects_with_the_same_scores() -> None:
    texts, labels = reviews(600)
    noisy, _ = flipped(labels, 0.05)
    order = np.random.default_rng(9).permutation(600)
    plain, mixed = pl.Series(noisy), pl.Series([noisy[row] for row in order])

    straight = likely_mislabelled(
        out_of_sample_probabilities(Features(texts=(pl.Series(texts),)), plain), plain
    )
    shuffled = likely_mislabelled(
        out_of_sample_probabilities(
            Features(texts=(pl.Series([texts[row] for row in order]),)), mixed
        ),
        mixed,
    )

    assert straight
    assert {(s.position, s.suggested, s.score) for s in straight} == {
        (int(order[s.position]), s.suggested, s.score) for s in shuffled
    }


def test_copies_of_a_wrong_row_do_not_vouch_for_each_other() -> None:
    texts, labels = reviews(600)
    copied = "the oboe was great and superb and excellent"
    features = Features(texts=(pl.Series([*texts, *[copied] * 6]),))

    suspects = found(features, [*labels, *["negative"] * 6])

    assert set(range(600, 606)) <= set(suspects)


def test_suspects_are_sorted_by_a_score_between_a_half_and_one() -> None:
    texts, labels = reviews(600)
    noisy = pl.Series(flipped(labels, 0.05)[0])
    probabilities = out_of_sample_probabilities(Features(texts=(pl.Series(texts),)), noisy)

    scores = [suspect.score for suspect in likely_mislabelled(probabilities, noisy)]

    assert scores == sorted(scores, reverse=True)
    assert all(0.5 <= score <= 1.0 for score in scores)


def test_rare_classes_and_missing_labels_are_left_out_and_counted() -> None:
    texts, labels = reviews(300)
    given = pl.Series([*labels[:290], *["odd"] * 3, *[None] * 7], dtype=pl.String)

    probabilities = out_of_sample_probabilities(Features(texts=(pl.Series(texts),)), given)

    assert probabilities.classes == ("negative", "positive")
    assert probabilities.positions.tolist() == list(range(290))
    assert (probabilities.rare_rows, probabilities.rare_classes) == (3, 1)


def test_past_the_limit_a_sample_is_scored_and_the_rest_counted() -> None:
    texts, labels = reviews(900)
    given = pl.Series(labels)

    probabilities = out_of_sample_probabilities(
        Features(texts=(pl.Series(texts),)), given, max_rows=500
    )

    assert len(probabilities.positions) == probabilities.matrix.shape[0] == 500
    assert probabilities.unsampled == 400


def test_a_category_with_two_levels_is_not_dealt_into_folds_as_copies() -> None:
    answers = ["yes", "no"] * 100
    labels: list[str | None] = ["a", "b"] * 100
    labels[10] = "b"

    assert found(Features(categories=(pl.Series(answers),)), labels) == {10: "a"}


def strange() -> dict[str, tuple[Features, pl.Series]]:
    classes = pl.Series(["a", "b"] * 20)
    nothing = pl.Series([None] * 40, dtype=pl.Float64)
    wild = pl.Series([float("nan"), float("inf"), -1e308, 1e308, 2.0**70] * 8)
    return {
        "no rows": (
            Features(texts=(pl.Series([], dtype=pl.String),)),
            pl.Series([], dtype=pl.String),
        ),
        "two rows": (Features(texts=(pl.Series(["x", "y"]),)), pl.Series(["a", "b"])),
        "no columns": (Features(), classes),
        "one class": (Features(texts=(pl.Series(["x y", "y z"] * 20),)), pl.Series(["a"] * 40)),
        "labels all missing": (Features(numbers=(wild,)), pl.Series([None] * 40, dtype=pl.String)),
        "labels all different": (Features(numbers=(wild,)), pl.Series([str(n) for n in range(40)])),
        "all missing": (
            Features(numbers=(nothing,), categories=(pl.Series([None] * 40, dtype=pl.String),)),
            classes,
        ),
        "texts all missing": (Features(texts=(pl.Series([None] * 40, dtype=pl.String),)), classes),
        "constant": (
            Features(texts=(pl.Series(["x"] * 40),), numbers=(pl.Series([1.0] * 40),)),
            classes,
        ),
        "wild numbers": (Features(numbers=(wild,)), classes),
        "a long text": (
            Features(texts=(pl.Series(["word " * 2_000_000, "b"] * 1 + ["c d"] * 38),)),
            classes,
        ),
        "many columns": (
            Features(numbers=tuple(pl.Series(np.arange(40.0) % (n + 2)) for n in range(1000))),
            classes,
        ),
        "no letters": (Features(texts=(pl.Series(["!!", "??"] * 20),)), classes),
    }


@pytest.mark.parametrize("name", list(strange()))
def test_strange_input_gives_an_answer(name: str) -> None:
    features, labels = strange()[name]

    probabilities = out_of_sample_probabilities(features, labels)

    assert np.isfinite(probabilities.matrix).all()
    assert probabilities.matrix.shape == (len(probabilities.positions), len(probabilities.classes))
    likely_mislabelled(probabilities, labels)


def test_a_thousand_classes_give_an_answer() -> None:
    codes = np.repeat(np.arange(1000), 6)
    texts = pl.Series([f"word{code} item{row % 7}" for row, code in enumerate(codes)])
    labels = pl.Series([f"c{code}" for code in codes])

    probabilities = out_of_sample_probabilities(Features(texts=(texts,)), labels)

    assert len(probabilities.classes) == 1000


def test_one_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more folds, not 1"):
        out_of_sample_probabilities(Features(), pl.Series(["a"]), folds=1)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    texts, labels = reviews(100)

    found(Features(texts=(pl.Series(texts),)), labels)

    assert capfd.readouterr() == ("", "")


def test_many_flips_in_easily_separable_text_are_not_taken_for_a_model_never_sure() -> None:
    texts, labels = reviews(800)
    noisy, wrong = flipped(labels, 0.2)

    suspects = set(found(Features(texts=(pl.Series(texts),)), noisy))

    assert len(suspects & wrong) >= 0.95 * len(wrong)
    assert len(suspects & wrong) >= 0.95 * len(suspects)


def test_labels_that_follow_the_features_loosely_are_called_so() -> None:
    rng = np.random.default_rng(2)
    numbers = rng.normal(size=900)
    labels = pl.Series(
        [
            f"c{int(number + noise > 0)}"
            for number, noise in zip(numbers, rng.normal(size=900), strict=True)
        ]
    )

    probabilities = out_of_sample_probabilities(Features(numbers=(pl.Series(numbers),)), labels)

    assert probabilities.unusable is not None
    assert probabilities.unusable.startswith("the features predict the label too loosely")
    assert likely_mislabelled(probabilities, labels) == ()
