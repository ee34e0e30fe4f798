"""Faulty files: is each flagged, with the right kind and at the right line; are valid ones left be?

`python -m benchmarks.files DIR…` lints every `.csv` and `.json` file below the directories whose
name says what is wrong with it, one file at a time, with the default settings.

What is counted as a fault, by the collection that a file's directory is named after:

* **jsontestsuite**: a file `n_…` is faulty. Its kind is FIL008 (malformed), with these exceptions:
  the literals NaN, Infinity and -Infinity are FIL019; a file without any character but blanks and
  a byte-order mark is FIL001; NULs may also be FIL010 and invalid UTF-8 also FIL002. Its line is
  the one at which Python's strict parser stops. A file `y_…` is valid: no finding at error. What
  an `i_…` file is, is left to the parser: not counted.
* **csv_spectrum**: all are valid.
* **pollock**: the file name says which fault was put into `source.csv`, which is valid.
  A file without a line end behind its last line is valid too (RFC 4180, section 2, rule 2), and so
  is one with a single record. Separators `;`, tab and `, ` count as faults of a `.csv` file
  (FIL014, at no line); a second table under the same header is FIL012 or FIL016.
* **frictionless**: the files in `FRICTIONLESS` are faulty. The others are about types, encodings
  and dialects that the reader understands; they are counted as valid. `dialect.csv` is told apart
  from a ragged file by its quote `#`, which is said in another file alone: it counts as ragged.

A faulty file is *flagged* where a finding of any severity of the FIL family (or of the expected
kind) is there; the *kind* is right where the expected rule found it; the *line* where that finding
names the line. Files whose fault has no line are not counted for lines.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FRICTIONLESS: dict[str, tuple[str, int | None]] = {
    "blank-headers.csv": ("FIL013", 1),
    "blank-rows-multiple.csv": ("FIL011", 4),
    "blank-rows-no-fields.csv": ("FIL011", 3),
    "blank-rows.csv": ("FIL011", 4),
    "bom.csv": ("FIL003", 1),
    "capital-invalid.csv": ("FIL004", 10),
    "chunk2.headless.csv": ("FIL001|FIL007", None),
    "chunk3.csv": ("FIL001|FIL007", None),
    "compression/implicit-zip.csv": ("FIL001", None),
    "countries.csv": ("FIL004", 4),
    "country-2.csv": ("FIL015", 1),
    "defective-rows.csv": ("FIL004", 2),
    "delimiter.csv": ("FIL014", None),
    "dialect.csv": ("FIL004", 3),
    "duplicate-column.csv": ("FIL006", 1),
    "duplicate-headers.csv": ("FIL006", 1),
    "duplicate-rows.csv": ("DUP001", 4),
    "empty.csv": ("FIL001", None),
    "invalid.csv": ("FIL004", 2),
    "invalid/data.csv": ("FIL011", 3),
    "invalid/data2.csv": ("FIL011", 4),
    "issue-1004-data1.csv": ("FIL004", 3),
    "issue-1004-data2.csv": ("FIL004", 2),
    "issue-1109.csv": ("FIL014", None),
    "issue-1138.csv": ("FIL013", 1),
    "issue-1478/table.csv": ("FIL007", 1),
    "matrix-with-comment.csv": ("FIL015", 1),
    "schema-errors.csv": ("FIL004", 5),
    "skip-blank-at-the-end.csv": ("FIL011", 4),
    "skip-rows-before-headers.csv": ("FIL015", 1),
    "skip-rows.csv": ("FIL015", 1),
    "structure-errors.csv": ("FIL004", 5),
    "without-headers-extra.csv": ("FIL004", 3),
    "without-headers.csv": ("FIL007", 1),
    "without-rows.csv": ("FIL001", None),
}
"""Codes (one of them) and line by path below the collection's directory."""

POLLOCK: tuple[tuple[str, str, str], ...] = (
    (r"file_double_trailing_newline", "FIL011", "last"),
    (r"file_escape_char_0x00", "FIL005", "differs"),
    (r"file_field_delimiter_\w+", "FIL014", ""),
    (r"file_header_multirow_\d+", "FIL017", "2"),
    (r"file_header_only|file_no_payload", "FIL001", ""),
    (r"file_multitable_same", "FIL012|FIL016", "appended"),
    (r"file_multitable_(less|more)", "FIL016", "appended"),
    (r"file_no_header", "FIL007", "1"),
    (r"row_extra_quote(?P<row>\d+)_col\d+", "FIL005", "row"),
    (r"row_field_delimiter_(?P<row>\d+)_\w+", "FIL014", "row"),
    (r"row_(less|more)_sep_row(?P<row>\d+)_col\d+", "FIL004", "row"),
)
"""Pattern of the name, codes, and where the line is, header being row 0."""


@dataclass(frozen=True, slots=True)
class Case:
    """One file and what is true of it: no code where it is valid."""

    collection: str
    path: Path
    codes: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in one file."""

    case: Case
    found: tuple[str, ...]
    errors: tuple[str, ...]
    flagged: bool
    kind: bool
    line: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint all files and print the counts; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.files", description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print every file")
    given = parser.parse_args(arguments)
    judged = [judge(case) for folder in given.directories for case in cases(folder)]
    print(
        f"{'':16s}{'faulty':>8s}{'flagged':>9s}{'kind':>6s}{'line':>10s}{'valid':>7s}{'errors':>8s}"
    )
    for name in (*sorted({j.case.collection for j in judged}), ""):
        _show(name or "all", [j for j in judged if j.case.collection == name or not name])
    missed = 0
    for one in judged:
        wrong = _wrong(one)
        missed += bool(wrong)
        if wrong or given.verbose:
            truth = (
                f"{'|'.join(one.case.codes)} line {one.case.line}" if one.case.codes else "valid"
            )
            print(f"{wrong or 'right':8s} {one.case.path}\n         truth: {truth}")
            for text in one.found:
                print(f"         {text}")
    return 1 if missed else 0


def _show(name: str, judged: list[Judged]) -> None:
    faulty = [j for j in judged if j.case.codes]
    valid = [j for j in judged if not j.case.codes]
    placed = [j for j in faulty if j.case.line is not None]
    lines = f"{sum(j.line for j in placed)}/{len(placed)}"
    print(
        f"{name:16s}{len(faulty):8d}{sum(j.flagged for j in faulty):9d}"
        f"{sum(j.kind for j in faulty):6d}{lines:>10s}{len(valid):7d}"
        f"{sum(bool(j.errors) for j in valid):8d}"
    )


def _wrong(judged: Judged) -> str:
    if not judged.case.codes:
        return "ERROR" if judged.errors else ""
    if not judged.flagged:
        return "MISSED"
    if not judged.kind:
        return "KIND"
    return "" if judged.line else "LINE"


def cases(folder: Path) -> Iterator[Case]:
    """The files below `folder` whose truth is known from their names."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".csv", ".json")):
        parts = path.parts
        if "jsontestsuite" in parts:
            yield from _json_case(path)
        elif "csv_spectrum" in parts and path.suffix == ".csv":
            yield Case("csv_spectrum", path)
        elif "pollock" in parts and path.suffix == ".csv":
            yield _pollock_case(path)
        elif "frictionless" in parts:
            inner = "/".join(parts[parts.index("frictionless") + 1 :])
            codes, line = FRICTIONLESS.get(inner, ("", None))
            yield Case("frictionless", path, tuple(codes.split("|")) if codes else (), line)


def _json_case(path: Path) -> Iterator[Case]:
    if path.name.startswith("y_"):
        yield Case("jsontestsuite", path)
    if not path.name.startswith("n_"):
        return
    data = path.read_bytes()
    text = data.decode("utf-8", "replace")
    codes = ["FIL008"]
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        yield Case("jsontestsuite", path, ("FIL001",))
        return
    if re.fullmatch(r"n_number_(NaN|(minus_)?infinity)\.json", path.name):
        codes = ["FIL019"]
    if "\ufffd" in text:
        codes.append("FIL002")
    if b"\0" in data:
        codes.append("FIL010")
    yield Case("jsontestsuite", path, tuple(codes), _stops_at(text))


def _stops_at(text: str) -> int:
    def refuse(literal: str) -> None:
        raise json.JSONDecodeError(literal, text, text.find(literal))

    try:
        json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        return error.lineno
    except RecursionError:
        pass
    return 1


def _pollock_case(path: Path) -> Case:
    for pattern, codes, place in POLLOCK:
        found = re.fullmatch(pattern, path.stem)
        if found:
            return Case("pollock", path, tuple(codes.split("|")), _place(path, place, found))
    return Case("pollock", path)


def _place(path: Path, place: str, found: re.Match[str]) -> int | None:
    lines = path.read_bytes().splitlines()
    source = (path.parent / "source.csv").read_bytes().splitlines()
    if place == "row":
        return int(found["row"]) + 1
    if place == "last":
        return len(lines)
    if place == "appended":
        return len(source) + 1
    if place == "differs":
        pairs = enumerate(zip(lines, source, strict=False), start=1)
        return next(number for number, (mine, theirs) in pairs if mine != theirs)
    return int(place) if place else None


def judge(case: Case) -> Judged:
    """Lint one file and hold what is found against the truth."""
    import dataguard

    report = dataguard.lint(case.path)
    mine = [f for f in report.findings if f.code in case.codes]
    flagged = bool(mine) or any(f.code.startswith("FIL") for f in report.findings)
    placed = case.line is None or any(case.line in (f.line, *f.lines) for f in mine)
    told = tuple(
        f"{f.severity} {f.code} line {f.line}: {f.message[:100]}"
        for f in report.findings
        if f.code.startswith("FIL") or str(f.severity) == "error"
    )
    errors = tuple(f.code for f in report.findings if str(f.severity) == "error")
    return Judged(case, told, errors, flagged, bool(mine), placed)


if __name__ == "__main__":
    sys.exit(main())
