"""Planters of faults inside cells: whitespace, disguised missing values, dates, numbers, bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from benchmarks.planting.sheet import Bench, Mark, Row

Change = Callable[[str, Random], tuple[str, str]]
"""From a good cell to a faulty one and the kind of its fault."""


def plant_in(
    bench: Bench, fault: str, column: str, rows: list[Row], change: Change, rng: Random, split: str
) -> None:
    """Change the cell of `column` in each row and record it."""
    kinds = []
    for row in rows:
        row.cells[column], kind = change(row.cells[column], rng)
        kinds.append(kind)
    bench.mark(Mark(fault, split, tuple(rows), tuple(kinds), (column,)))


def whitespace(bench: Bench, rng: Random) -> None:
    """Leading, trailing and doubled white space in a text, a category and a name column."""
    candidates = [bench.column(bench.categories, rng)]
    if bench.roles.text:
        candidates.append(bench.column(bench.roles.text, rng))
    if bench.names:
        candidates.append(bench.column(bench.names, rng))
    for column in candidates:
        rows = bench.take("train", rng.uniform(0.004, 0.02), rng)
        plant_in(bench, "whitespace", column, rows, _space, rng, "train")


def _space(cell: str, rng: Random) -> tuple[str, str]:
    options = [
        (" " + cell, "leading"),
        (cell + " ", "trailing"),
        (cell + "\t", "trailing tab"),
        ("  " + cell + " ", "both ends"),
        (cell + "\u00a0", "no-break space"),
    ]
    if " " in cell:
        inner = rng.choice([i for i, char in enumerate(cell) if char == " "])
        options += [(cell[:inner] + "  " + cell[inner + 1 :], "doubled")] * 2
    return rng.choice(options)


def disguised_number(bench: Bench, rng: Random) -> None:
    """One sentinel number or several words where a measured number should stand."""
    style = rng.choice(("sentinel", "words", "both"))
    tokens = {
        "sentinel": (rng.choice(("-999", "999", "-9999", "-99", "9999")),),
        "words": ("N/A", "?", "-", "null", "none", "#N/A", "n/a", "missing"),
        "both": ("-999", "N/A", "NULL", "--"),
    }[style]
    column = bench.column(bench.numbers, rng)
    rows = bench.take("train", rng.uniform(0.01, 0.03), rng)
    plant_in(bench, "disguised-missing", column, rows, _token(tokens), rng, "train")


def disguised_text(bench: Bench, rng: Random) -> None:
    """Words for "missing" in a category column and as the whole of a text or a name."""
    columns = [bench.column(bench.categories, rng)]
    free = bench.roles.text or bench.names
    if free:
        columns.append(bench.column(free, rng))
    for column in columns:
        tokens = ("N/A", "?", "-", "null", "#N/A", "n/a", "NULL", "None", "<NA>", ".", "NaN")
        rows = bench.take("train", rng.uniform(0.006, 0.02), rng)
        few = tuple(rng.sample(tokens, rng.randint(1, 4)))
        plant_in(bench, "disguised-missing", column, rows, _token(few), rng, "train")


def _token(tokens: tuple[str, ...]) -> Change:
    def change(_: str, rng: Random) -> tuple[str, str]:
        token = rng.choice(tokens)
        return token, token

    return change


def missing_cells(bench: Bench, rng: Random) -> None:
    """Empty cells, a fifth to two fifths of a column."""
    column = bench.column(bench.numbers + bench.categories, rng)
    rows = bench.take("train", rng.uniform(0.2, 0.4), rng)
    plant_in(bench, "missing-cells", column, rows, lambda _, __: ("", "empty"), rng, "train")


def mixed_dates(bench: Bench, rng: Random) -> None:
    """A few dates of the time column in other formats than the rest."""
    column = bench.roles.time
    formats = ["%d.%m.%Y", "%m/%d/%Y", "%b %d, %Y", "%d %B %Y", "%Y-%m-%d", "%Y%m%d", "%d-%b-%y"]
    sample = bench.train.rows[0].cells[column]
    own = {"-": "%Y-%m-%d", "/": "%Y/%m/%d", ".": "%d.%m.%Y"}[_separator(sample)]
    others = rng.sample([f for f in formats if f != own], rng.randint(1, 4))

    def change(cell: str, rng: Random) -> tuple[str, str]:
        chosen = rng.choice(others)
        text = dt.datetime.strptime(cell.split(" ")[0], own).strftime(chosen)
        return (text.replace(".0", ".").lstrip("0") if chosen == "%d.%m.%Y" else text), chosen

    rows = bench.take("train", rng.uniform(0.01, 0.06), rng)
    plant_in(bench, "mixed-dates", column, rows, change, rng, "train")
    bench.touch(column)


def _separator(cell: str) -> str:
    return next(char for char in cell if char in "-/.")


def ambiguous_dates(bench: Bench, rng: Random) -> None:
    """A new column of dates that cannot be read for sure.

    Either day and month change places from row to row, or no day is above twelve.
    """
    swapped = rng.random() < 0.6
    for split, sheet in bench.sheets.items():
        values = []
        for _ in sheet.rows:
            day = dt.date(2021, 1, 1) + dt.timedelta(days=rng.randrange(700))
            if not swapped:
                day = day.replace(day=rng.randint(1, 12))
            month_first = swapped and rng.random() < 0.05
            values.append(f"{day:%m/%d/%Y}" if month_first else f"{day:%d/%m/%Y}")
        sheet.add_column("checked_on", values)
        bench.mark(Mark("ambiguous-dates", split, columns=("checked_on",)))


def text_numbers(bench: Bench, rng: Random) -> None:
    """Numbers with units, currency, thousands marks or in words in an otherwise numeric column."""
    column = bench.column(bench.numbers, rng)
    rows = bench.take("train", rng.uniform(0.01, 0.04), rng)
    plant_in(bench, "numbers-as-text", column, rows, _number, rng, "train")


def text_number_column(bench: Bench, rng: Random) -> None:
    """A new column in which every number is written for people to read."""
    style = rng.choice(("thousands", "dollar", "unit", "percent", "european"))
    for split, sheet in bench.sheets.items():
        values = [_styled(rng.lognormvariate(8.5, 0.9), style) for _ in sheet.rows]
        sheet.add_column("amount", values)
        bench.mark(Mark("numbers-as-text-column", split, columns=("amount",)))


def _styled(value: float, style: str) -> str:
    if style == "thousands":
        return f"{value:,.0f}"
    if style == "dollar":
        return f"${value:,.2f}"
    if style == "unit":
        return f"{value / 100:.0f} kg"
    if style == "percent":
        return f"{value / 100:.1f}%"
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _number(cell: str, rng: Random) -> tuple[str, str]:
    kind = rng.choice(("comma", "dollar", "unit", "percent", "word", "european", "brackets"))
    value = abs(float(cell))
    text = {
        "comma": f"{value * 100 + 1000:,.0f}",
        "dollar": f"${cell}",
        "unit": f"{cell} {rng.choice(('kg', 'km', 'h', 'EUR'))}",
        "percent": f"{cell}%",
        "word": rng.choice(("twelve", "seven", "thirty", "twenty-five", "one hundred")),
        "european": _styled(value * 100 + 1000, "european"),
        "brackets": f"({cell.lstrip('-')})",
    }[kind]
    return text, kind


def mojibake(bench: Bench, rng: Random) -> None:
    """UTF-8 read as cp1252, once or twice, and letters lost to U+FFFD."""
    columns = bench.names + tuple(c for c in bench.roles.text if bench.domain == "answers")
    for column in columns or bench.names:
        rows = bench.take_where("train", rng.uniform(0.005, 0.02), rng, column)
        plant_in(bench, "mojibake", column, rows, _garble, rng, "train")
        bench.touch(column)
    if bench.roles.text and bench.domain != "answers":
        column = bench.roles.text[0]
        rows = bench.take("train", rng.uniform(0.003, 0.01), rng)
        plant_in(bench, "mojibake", column, rows, _garble_quote, rng, "train")
        bench.touch(column)


def _garble(cell: str, rng: Random) -> tuple[str, str]:
    if rng.random() < 0.2:
        lost = "".join(char if char.isascii() else "\ufffd" for char in cell)
        return lost, "U+FFFD"
    once = _misread(cell)
    return (_misread(once), "twice") if rng.random() < 0.1 else (once, "once")


def _garble_quote(cell: str, rng: Random) -> tuple[str, str]:
    addition = rng.choice(("I don’t know why", "it’s the “new” one", "a café – closed", "5 € lost"))
    return _misread(f"{cell} {addition}"), "quotation mark"


def _misread(text: str) -> str:
    return "".join(_as_cp1252(byte) for byte in text.encode())


def _as_cp1252(byte: int) -> str:
    code = bytes((byte,))
    return (
        code.decode("latin-1") if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else code.decode("cp1252")
    )


def constant(bench: Bench, _: Random) -> None:
    """Two columns that hold one value each."""
    for split, sheet in bench.sheets.items():
        sheet.columns.extend(("export_batch", "unit"))
        for row in sheet.rows:
            row.cells["export_batch"] = "2024"
            row.cells["unit"] = "metric"
        bench.mark(Mark("constant-column", split, columns=("export_batch",)))
        bench.mark(Mark("constant-column", split, columns=("unit",)))
