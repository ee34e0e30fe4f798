"""Names of classes: which stand for no label at all, which are one class spelt in two ways."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from dataguard.expressions import DISGUISED_MISSING, PLAIN_NUMBER
from dataguard.queries import counts, together

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Dataset, Split

Counts = dict[str, int]

MAYBE_CLASSES = frozenset(
    ["unknown", "none", "missing", "undefined", "nil", "empty", "blank", "not applicable"]
).union(
    ("-", "--", "---", "—", "–", ".", "..", "..."),
    ("unlabeled", "unlabelled", "not labeled", "not labelled", "no label", "todo", "to do"),
)
"""Words for "no value" that are names of real classes as well ("none", "mild", "severe")."""

NO_LABEL = frozenset(DISGUISED_MISSING) - MAYBE_CLASSES
"""Words that name no class; most of them pandas reads as NaN."""

RARE_SHARE = 0.05
"""A word that may be a class is a missing label only where it stands in fewer rows than this."""

TYPO_LENGTH = 5
TYPO_RATIO = 20
LONG_REST = 7
"""Letters that must be left of a word whose first one is missing."""
MOST_CLASSES = 2_000


def unlabelled_words(split: Split) -> frozenset[str]:
    """The words, in lower case, that stand for a missing label in the label column of `split`.

    Words that are never a class always; for a number label all words; of the others ("unknown")
    those that are rare: fewer than 5 % of the sampled rows and, unless the column has missing
    cells or a sure word for missing as well, fewer than half the rows of the middle class. `none`
    is a class on most real tables that have it, also where it is rare: it needs such company.
    """
    from dataguard.dataset import Kind

    label = split.label
    if label is None:
        return frozenset()
    if label.kind is Kind.NUMBER:
        return frozenset(DISGUISED_MISSING)
    found = split.preview.select(label.text.str.strip_chars().str.to_lowercase().alias("word"))
    seen: Counter[str] = Counter(found["word"].drop_nulls().to_list())
    classes = [n for word, n in seen.items() if word not in DISGUISED_MISSING]
    if not classes or "+" in seen:
        return NO_LABEL
    sure = any(word in NO_LABEL for word in seen) or label.missing > 0
    few = RARE_SHARE * seen.total()
    middle = sorted(classes)[(len(classes) - 1) // 2 : len(classes) // 2 + 1]
    limit = few if sure else min(few, sum(middle) / len(middle) / 2)
    maybe = MAYBE_CLASSES if sure else MAYBE_CLASSES - {"none"}
    return NO_LABEL | {word for word in maybe if seen[word] < limit}


def is_unlabelled(label: Column, words: frozenset[str]) -> pl.Expr:
    """Whether the label is null, blank, or one of `words`, which are in lower case."""
    listed = "|".join(re.escape(word) for word in sorted(words))
    text = label.text
    return text.is_null() | text.str.contains(rf"(?i)^\s*(?:{listed}|)\s*$")


async def class_counts(data: Dataset) -> dict[str, Counts]:
    """Rows by spelling of the label, for each split that has labels; missing labels left out."""
    import polars as pl

    splits = [s for s in data.splits if s.label is not None and s.label.missing < s.height]
    parts = []
    for split in splits:
        assert split.label is not None
        given = ~is_unlabelled(split.label, unlabelled_words(split))
        labels = pl.when(given).then(split.label.text)
        parts.append(split.aggregate({"labels": counts(labels)}))
    answers = await together(parts) if parts else ()
    return {
        split.name: dict(sorted(answer["labels"].items()))
        for split, answer in zip(splits, answers, strict=True)
    }


def spelling_key(label: str) -> str:
    """What is left of a label without case, spacing and the signs that stand for spaces.

    Signs that tell classes apart stay: "A-" is not "A", "C++" is not "C", "-1" is not "1".
    """
    text = unicodedata.normalize("NFKC", label).casefold().strip().strip("\"'`").strip()
    text = re.sub(r"^([+-]?\d+)\.0+$", r"\1", text)
    text = re.sub(r"(?<=\w)[\s_-]+(?=\w)", "", text).replace("_", "")
    return text.rstrip(".,;:!") or text or label


class Variant(msgspec.Struct, frozen=True):
    """A spelling that seems to mean another one; `certain` unless it is a guess at a typo."""

    meant: str
    certain: bool


def spelling_variants(labels: Mapping[str, int]) -> dict[str, Variant]:
    """The spellings that are rarer ways to write another label, by spelling.

    Args:
        labels: Rows by spelling. More than 2,000 of them are names, not classes: nothing is said.
    """
    if not 2 <= len(labels) <= MOST_CLASSES:
        return {}
    words = {w: n for w, n in labels.items() if not re.match(PLAIN_NUMBER, w.strip())}
    letters = all(len(w.strip()) <= 2 for w in words)
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda w: (-words[w], w)):
        groups.setdefault(spelling_key(word), []).append(word)
    found: dict[str, Variant] = {}
    for first, *rest in groups.values():
        for other in rest:
            # "a" and "A", or the genotypes "Aa" and "AA", are classes of their own if frequent.
            short = letters or len(first.strip()) == 1
            if not short or other.strip() == first.strip() or words[other] * 10 <= words[first]:
                found[other] = Variant(first, certain=True)
    totals = {key: sum(words[w] for w in group) for key, group in groups.items()}
    for key, meant in _typos(totals, {k: g[0] for k, g in groups.items()}).items():
        found |= {word: Variant(groups[meant][0], certain=False) for word in groups[key]}
    return found


def named(label: str, length: int = 40) -> str:
    """A label for a message: in backquotes, cut to `length` characters."""
    return f"`{label}`" if len(label) <= length else f"`{label[: length - 1]}…`"


def merged(labels: Mapping[str, int], variants: Mapping[str, Variant]) -> Counts:
    """Rows by class, those of a variant counted with the spelling that it means."""
    found: Counts = {}
    for word, number in labels.items():
        meant = variants[word].meant if word in variants else word
        found[meant] = found.get(meant, 0) + number
    return found


def _typos(totals: Mapping[str, int], written: Mapping[str, str]) -> dict[str, str]:
    """Rare keys that are one slip of the pen away from a frequent one."""
    long = [k for k in totals if len(k) >= TYPO_LENGTH]
    found: dict[str, str] = {}
    for rare in long:
        near = [
            key
            for key in long
            if totals[rare] * TYPO_RATIO <= totals[key]
            and abs(len(key) - len(rare)) <= 1
            and is_typo(written[rare], written[key])
        ]
        if near:
            found[rare] = max(near, key=lambda k: (totals[k], k))
    return found


def is_typo(rare: str, frequent: str) -> bool:
    """Whether two labels differ by one slip (a letter left out, added, swapped or replaced).

    Slips that make other words are no typos: most at the first letter ("typical", "atypical";
    "maternal", "paternal"), at the last ("class a", "class b"; a plural), in a number, or in a
    part of the name that is short ("type i", "type ii").
    """
    from rapidfuzz.distance import OSA

    ours, theirs = _parts(rare), _parts(frequent)
    if len(ours) != len(theirs):
        return False
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    (a, b) = pairs[0]
    short = min(len(a), len(b)) < TYPO_LENGTH - 1 or max(len(a), len(b)) < TYPO_LENGTH
    if short or not (a + b).isalpha() or OSA.distance(a, b, score_cutoff=1) != 1:
        return False
    if a[0] != b[0]:
        return _slipped_at_first(a, b)
    if a.startswith(b):
        return a[-1] == b[-1] != "s"  # a key held too long, but "princess" is no "princes"
    if b.startswith(a):
        return b[-1] not in "aisvxy"
    return len(a) != len(b) or a[:-1] != b[:-1]


def _slipped_at_first(rare: str, frequent: str) -> bool:
    """Whether the first letter was left out or swapped, so that no other word comes of it.

    Left out is a consonant before a vowel, of seven letters or more: "egative". Shorter rests are
    words ("other" of "mother"), and a vowel at the beginning often negates ("asymptomatic").
    """
    vowels = "aeiou"
    if frequent == frequent[0] + rare:
        consonant = frequent[0] not in vowels and rare[0] in vowels
        return consonant and len(rare) >= LONG_REST and frequent[0] != "r"
    return len(rare) > TYPO_LENGTH and rare == frequent[1] + frequent[0] + frequent[2:]


def _parts(label: str) -> list[str]:
    """The words of a label, in lower case: "fooBar_baz 2" has four."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", label.strip())
    return re.findall(r"\w+", spaced.casefold().replace("_", " "))


def classes_by_split(spelt: Mapping[str, Counts]) -> dict[str, dict[str, Counts]]:
    """By split: the spellings of each class with their rows.

    A class is called as it is spelt most often over all splits. Spellings with one key are one
    class, typos count as what they seem to mean.

    Args:
        spelt: Rows by spelling, for each split.
    """
    totals: Counter[str] = Counter()
    for labels in spelt.values():
        totals.update(labels)
    variants = spelling_variants(totals)
    main: dict[str, str] = {}
    for word in sorted(totals, key=lambda w: (w in variants, -totals[w], w)):
        if word not in variants:
            main.setdefault(spelling_key(word), word)
    found: dict[str, dict[str, Counts]] = {}
    for split, labels in spelt.items():
        classes = found.setdefault(split, {})
        for word, number in labels.items():
            meant = variants[word].meant if word in variants else word
            classes.setdefault(main[spelling_key(meant)], {})[word] = number
    return found
