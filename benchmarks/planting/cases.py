"""Which fault is planted in which table: each alone, many together, and none at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.planting import cells, labels, repeats
from benchmarks.planting.domains import DOMAINS, build
from benchmarks.planting.sheet import Bench, Truth
from benchmarks.planting.writing import write

Planter = Callable[[Bench, Random], None]

TEXTUAL = ("tickets", "reviews", "answers")
CLASSES = ("tickets", "reviews", "sensors", "patients")
LEARNABLE = ("tickets", "reviews", "sensors")
DATED = ("tickets", "reviews", "houses", "patients")
NAMED = ("tickets", "reviews", "houses", "patients", "answers")
ALL = tuple(DOMAINS)


@dataclass(frozen=True, slots=True)
class Case:
    """A table to make: the planters in their order and the tables that suit them."""

    name: str
    planters: tuple[Planter, ...]
    domains: tuple[str, ...]


ALONE: tuple[Case, ...] = (
    Case("exact-duplicates", (repeats.exact_duplicates,), ALL),
    Case("normalised-duplicates", (repeats.normalised_duplicates,), TEXTUAL),
    Case("near-duplicates", (repeats.near_duplicates,), TEXTUAL),
    Case("duplicate-ids", (repeats.duplicate_ids,), ALL),
    Case("whitespace", (cells.whitespace,), NAMED),
    Case("disguised-number", (cells.disguised_number,), ALL),
    Case("disguised-text", (cells.disguised_text,), NAMED),
    Case("missing-cells", (cells.missing_cells,), ALL),
    Case("mixed-dates", (cells.mixed_dates,), DATED),
    Case("ambiguous-dates", (cells.ambiguous_dates,), ALL),
    Case("numbers-as-text", (cells.text_numbers,), ALL),
    Case("numbers-as-text-column", (cells.text_number_column,), ALL),
    Case("mojibake", (cells.mojibake,), NAMED),
    Case("constant-column", (cells.constant,), ALL),
    Case("missing-labels", (labels.missing_labels,), CLASSES),
    Case("label-spelling", (labels.label_spelling,), CLASSES),
    Case("flipped-labels", (labels.flipped_labels,), LEARNABLE),
    Case("flipped-labels-text", (labels.flipped_labels,), ("reviews", "tickets")),
    Case("conflicting-labels", (labels.conflicting_labels,), LEARNABLE),
    Case("rare-class", (labels.rare_class,), LEARNABLE),
    Case("leak-copy", (labels.leak_copy,), CLASSES),
    Case("leak-number", (labels.leak_number,), CLASSES),
    Case("leak-after-outcome", (labels.leak_after_outcome,), CLASSES),
    Case("test-in-train", (repeats.test_in_train,), NAMED),
    Case("test-in-train-dirty", (repeats.test_in_train_dirty,), ALL),
    Case("near-across-splits", (repeats.near_across_splits,), TEXTUAL),
    Case("groups-across-splits", (repeats.groups_across_splits,), ("patients",)),
    Case("sorted-rows", (labels.sorted_rows,), CLASSES),
    Case("sorted-ids", (labels.sorted_ids,), CLASSES),
    Case("class-missing-in-test", (labels.class_missing_in_test,), CLASSES),
    Case("small-holdout", (labels.small_holdout,), CLASSES),
    Case("no-holdout", (labels.no_holdout,), CLASSES),
    Case("ragged-rows", (labels.ragged,), ALL),
    Case("unclosed-quote", (labels.unclosed_quote,), ALL),
    Case("invalid-bytes", (labels.invalid_bytes,), NAMED),
)

_CELLS: tuple[Planter, ...] = (
    cells.whitespace,
    cells.disguised_text,
    cells.mojibake,
    cells.text_numbers,
    cells.constant,
    cells.ambiguous_dates,
)
# Spellings and gaps come after all that draws from the classes in use.
_LABELS: tuple[Planter, ...] = (
    labels.flipped_labels,
    labels.leak_copy,
    labels.conflicting_labels,
    labels.missing_labels,
    labels.label_spelling,
)
# Copies come last: a fault that is planted later must not fall on one row of a pair only.
_REPEATS: tuple[Planter, ...] = (
    repeats.exact_duplicates,
    repeats.normalised_duplicates,
    repeats.near_duplicates,
    repeats.test_in_train,
    repeats.near_across_splits,
    repeats.duplicate_ids,
)

TOGETHER: tuple[Case, ...] = (
    Case("together-tickets", (cells.mixed_dates, *_CELLS, *_LABELS, *_REPEATS), ("tickets",)),
    Case("together-reviews", (cells.mixed_dates, *_CELLS, *_LABELS, *_REPEATS), ("reviews",)),
    Case("together-answers", (*_CELLS, *_REPEATS), ("answers",)),
    Case(
        "together-houses",
        (
            cells.mixed_dates,
            cells.disguised_number,
            *_CELLS,
            repeats.exact_duplicates,
            repeats.test_in_train_dirty,
        ),
        ("houses",),
    ),
    Case(
        "together-patients",
        (
            cells.mixed_dates,
            cells.disguised_number,
            *_CELLS,
            labels.leak_copy,
            labels.missing_labels,
            labels.label_spelling,
            repeats.exact_duplicates,
            repeats.groups_across_splits,
        ),
        ("patients",),
    ),
)

CLEAN: tuple[Case, ...] = tuple(Case(f"clean-{name}", (), (name,)) for name in DOMAINS)

CASES: tuple[Case, ...] = (*CLEAN, *ALONE, *TOGETHER)


def generate(seed: int, folder: Path, wanted: str = "", scale: float = 1.0) -> Iterator[Truth]:
    """Make the cases whose name contains `wanted` below `folder`, one after the other.

    The same seed gives the same bytes, whichever cases are wanted. `scale` multiplies the number
    of rows (2,000 to 20,000 in a training file at 1.0).
    """
    for place, case in enumerate(CASES):
        if wanted in case.name:
            yield make(case, place, seed, folder / f"seed-{seed}" / case.name, scale)


def make(case: Case, place: int, seed: int, folder: Path, scale: float = 1.0) -> Truth:
    """Make one case; table, size and delimiter follow from the seed and the case alone."""
    rng = Random(f"{seed} {case.name}")
    domain = case.domains[(seed + place) % len(case.domains)]
    rows = rng.choice((2000, 2500, 3000, 3000, 4000, 6000, 20000 if place % 7 == 0 else 8000))
    rows = max(400, round(rows * scale))
    bench = build(domain, rows, rows // 4, rng)
    for planter in case.planters:
        planter(bench, rng)
    return write(bench, case.name, seed, folder, rng.choice((",", ",", ",", ",", ";", "\t")))
