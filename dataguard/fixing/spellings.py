"""Categories and labels that are written in several ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, Proposal

if TYPE_CHECKING:
    from dataguard.stats.class_names import Variant


def spellings(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells of FMT009 and LAB004 that differ in case, spacing or punctuation alone."""
    return _proposals(look, certain=True)


def typos(look: Look, wish: Wish) -> Iterator[Proposal]:
    """Cells of FMT009 and LAB004 that seem to be mistyped: a guess."""
    return _proposals(look, certain=False) if wish.wants(Kind.TYPOS) else iter(())


def _proposals(look: Look, *, certain: bool) -> Iterator[Proposal]:
    findings = look.of(Kind.SPELLINGS)
    if not findings:
        return
    labels = _labels(look) if any(f.code == "LAB004" for f in findings) else {}
    categories = _categories(look) if any(f.code == "FMT009" for f in findings) else {}
    for finding in findings:
        if finding.split is None:
            continue
        for column in finding.columns:
            known = labels if finding.code == "LAB004" else categories.get((finding.split, column))
            for row, value in look.values(finding, column):
                variant = _variant(known or {}, value)
                if variant is not None and variant.certain is certain:
                    yield NewCell(finding.split, row, column, variant.meant)


def _variant(known: Mapping[str, Variant], value: object) -> Variant | None:
    if not isinstance(value, str):
        return None
    return known.get(value) or known.get(value.strip())


def _labels(look: Look) -> dict[str, Variant]:
    """The variants among the labels of all splits, as LAB004 has them."""
    from dataguard.stats.class_names import class_counts, spelling_variants

    totals: dict[str, int] = {}
    for labels in look.derived(class_counts).values():
        for word, number in labels.items():
            totals[word] = totals.get(word, 0) + number
    return spelling_variants(totals)


def _categories(look: Look) -> Mapping[tuple[str, str], Mapping[str, Variant]]:
    from dataguard.stats.category_variants import category_variants

    return look.derived(category_variants)
