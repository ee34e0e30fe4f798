"""What a finding is recognised by in a later run: the contents of its rows, never their numbers."""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dataguard.finding import Finding
from dataguard.queries import ROW

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Split

NAMES = ("class", "classes", "smallest", "renamed", "reasons", "relation", "how", "by")
"""Keys of the evidence whose names tell two findings without rows apart, where code and columns
are the same: another class that is missing from the test data is another fault. Numbers, and the
values shown as examples, change with every row that is added, and are left out."""


MOST_ORIGINALS = 1000
"""Originals that stay in the evidence of a finding; all of them count for the fingerprint."""


def with_fingerprints(findings: Iterable[Finding], splits: Sequence[Split]) -> list[Finding]:
    """The findings with `contents` and `fingerprint`.

    All rows count, so that one more row of a known fault gives another fingerprint. The digests
    are BLAKE2b's and not Polars' own hashes, which another version of Polars may change.
    """
    found = list(findings)
    digests = {s.name: _row_digests(s, found) for s in splits}
    told = []
    for finding in found:
        known = digests.get(finding.split or "")
        if len(finding.rows) and known is not None:
            contents = _in_order(identifying(finding), known)
        else:
            contents = [_digest(name) for name in _names(finding)]
        told.append(
            replace(
                finding,
                contents=contents,
                fingerprint=_fingerprint(finding, contents),
                evidence=_shortened(finding.evidence),
            )
        )
    return told


def _shortened(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    originals = evidence.get("originals")
    if not isinstance(originals, list) or len(originals) <= MOST_ORIGINALS:
        return evidence
    return {**evidence, "originals": originals[:MOST_ORIGINALS]}


def identifying(finding: Finding) -> list[int]:
    """The rows whose contents tell one finding from another: its own, then those they repeat.

    Which of two copies is the later one depends on the order of rows, so the rows that flagged
    ones repeat (`evidence["originals"]`) count as well.
    """
    originals = finding.evidence.get("originals")
    if not isinstance(originals, list) or any(type(row) is not int for row in originals):
        originals = []
    if not originals:
        return list(finding.rows)
    own = set(finding.rows)
    return [*finding.rows, *sorted({row for row in originals if row not in own})]


def _row_digests(split: Split, findings: Sequence[Finding]) -> pl.DataFrame | None:
    """The 64-bit digests of the contents of all rows that findings name, in one pass."""
    import polars as pl

    from dataguard.expressions import content

    named = [identifying(f) for f in findings if f.split == split.name and len(f.rows)]
    if not named or not split.columns:
        return None
    wanted = pl.concat([pl.Series(ROW, rows, dtype=pl.UInt32) for rows in named]).unique()
    numbered = split.table.frame.with_row_index(ROW)
    few = numbered.filter(pl.col(ROW).is_in(wanted.sort().implode()))
    key = content([c.text for c in split.columns]).map_batches(
        _digests, return_dtype=pl.UInt64, is_elementwise=True
    )
    digests = few.select(pl.col(ROW).alias("row"), key.alias("digest"))
    return digests.collect(engine="streaming")


def _digests(texts: pl.Series) -> pl.Series:
    import polars as pl

    return pl.Series(texts.name, [_digest(text) for text in texts], dtype=pl.UInt64)


def _digest(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _in_order(rows: Sequence[int], digests: pl.DataFrame) -> list[int]:
    import polars as pl

    asked = pl.DataFrame({"row": pl.Series(rows, dtype=pl.UInt32)})
    joined = asked.join(digests, on="row", how="left", maintain_order="left")
    return joined["digest"].fill_null(0).to_list()


def _names(finding: Finding) -> Iterator[str]:
    """What stands for the contents of a finding without rows; at least one name.

    A fault of lines that are no records (blank ones, broken JSON) has one for every line, so that
    one more line is seen.
    """
    named = [
        f"{key}\x1f{name}" for key in NAMES for name in sorted(_strings(finding.evidence.get(key)))
    ]
    yield from named or [""]
    yield from ["line"] * max(0, len(finding.lines) - 1)


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, (list, tuple, Mapping)):
        return {str(each) for each in value}
    return set()


def _fingerprint(finding: Finding, contents: Sequence[int]) -> str:
    import polars as pl

    parts = [finding.code, finding.split or "", *finding.columns]
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    ordered = array("Q", pl.Series(contents, dtype=pl.UInt64).sort().to_list())
    if sys.byteorder == "big":
        ordered.byteswap()
    digest.update(ordered.tobytes())
    return digest.hexdigest()
