"""The checks of what stands in texts: markup, formulas, personal data, secrets, languages …"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from dataguard.cli import application
from dataguard.finding import Finding, Severity
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks, select_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame
from dataguard.stats.masking import masked

Columns = Mapping[str, Sequence[Any]]
Lint = Callable[..., list[Finding]]
ROWS = 300
SAID = (
    "the camera works well and my brother likes it because every picture is sharp but the battery "
    "did not last for more than one day so we had to charge it again at night in our small hotel"
)
WORDS = SAID.split()
TEXTS = [" ".join(Random(i).choices(WORDS, k=Random(i).randrange(8, 40))) for i in range(ROWS)]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """The findings of one rule on columns written as a CSV file."""

    def run(columns: Columns, select: str) -> list[Finding]:
        path = tmp_path / "train.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return _lint({"train": open_table(str(path))}, select)

    return run


def _lint(tables: Mapping[str, Any], select: str) -> list[Finding]:
    checks = tuple(c() for c in select_checks(load_checks(), select.split(","), []))
    return list(lint_tables("data", tables, GivenRoles(), Settings(checks)).findings)


def _planted(good: Sequence[str], faults: Sequence[str]) -> tuple[list[str], list[int]]:
    """`good` with each of `faults` once in place of a value, and where."""
    rows = sorted(Random(5).sample(range(len(good)), len(faults)))
    cells = list(good)
    for row, fault in zip(rows, faults, strict=True):
        cells[row] = fault
    return cells, rows


# FMT011


def test_tags_and_entities_are_found_in_texts_and_names(lint: Lint) -> None:
    faults = [
        "good<br/>but late",
        "<p>A fine thing</p>",
        "5&nbsp;kg of rice",
        "caf&eacute; au lait",
        '<a href="https://example.org" target="_blank">link</a>',
        "<b>bold</b> move",
        "&quot;quoted&quot;",
        "R&#38;D",
        "x &#x27;y",
        "<script>alert(1)</script>",
    ]
    cells, rows = _planted(TEXTS, faults)
    [found] = lint({"text": cells, "n": range(ROWS)}, "FMT011")
    assert (list(found.rows), found.severity) == (rows, Severity.WARNING)


def test_a_column_of_html_is_information(lint: Lint) -> None:
    cells = [f"<div><p>{text}</p></div>" for text in TEXTS]
    [found] = lint({"body": cells, "n": range(ROWS)}, "FMT011")
    assert (found.row_count, found.severity) == (ROWS, Severity.INFO)


# FMT016


def test_formulas_and_error_values_are_found_among_numbers(lint: Lint) -> None:
    faults = ["=SUM(A1:A9)", "=B2*1.19", "=AVERAGE(C2:C40)", "=-D4", "=Sheet2!B7", "=1+1"]
    errors = ["#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "Err:502", "########"]
    numbers = [f"{Random(i).uniform(1, 99):.2f}" for i in range(ROWS)]
    cells, rows = _planted(numbers, faults + errors)
    found = lint({"total": cells, "n": range(ROWS)}, "FMT016")
    assert sorted(row for f in found for row in f.rows) == rows
    assert {f.row_count for f in found} == {len(faults), len(errors)}


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", '=HYPERLINK("http://x.org","y")']
)
def test_formulas_that_do_harm_are_found_among_names(lint: Lint, cell: str) -> None:
    cells, rows = _planted([f"name {i}" for i in range(ROWS)], [cell])
    [found] = lint({"name": cells, "n": range(ROWS)}, "FMT016")
    assert list(found.rows) == rows


def test_formulas_and_error_values_are_told_once(lint: Lint) -> None:
    cells, _ = _planted([str(i * 3) for i in range(ROWS)], ["#REF!", "#DIV/0!", "=B2*3"])
    found = lint({"total": cells, "note": TEXTS}, "FMT001,FMT004,FMT016")
    assert [f.code for f in found if "total" in f.columns] == ["FMT016", "FMT016"]


@pytest.mark.parametrize(
    "values",
    [
        ["+1 555 0100", "+49 (30) 1234", "-5", "+3.5", "-12%", "@user", "@sum", "=)", "=D", "=("],
        ["- item (one)", "== heading ==", "=> next", "=", "-", "+", "@", "-- done", "+B12", "-A1"],
        ["A-1", "B+2", "#1", "#tag", "# title", "#fff", "#", "##", "C#", "F#"],
        [">=5", "=5", "<5", "==2.0", "~=1.4", "!=3", "=<4", "<=7", ">2", "=0"],
        [
            "-x(1)",
            "+f(2)",
            "-if(a) b",
            "=f(x)",
            "-(3)",
            "+(4)",
            "-log(5)",
            "@media(",
            "@if(",
            "-1-2",
        ],
    ],
)
def test_signs_that_begin_no_formula_are_left_alone(lint: Lint, values: list[str]) -> None:
    assert lint({"x": values * 9, "n": range(90)}, "FMT016") == []


# FMT021, FMT022

PERSONAL = {
    "e-mail address": "anna.berg@mail.example.com",
    "phone number": "+49 170 98765432",
    "IBAN": "GB29NWBK60161331926819",
    "credit card number": "5555 5555 5555 4444",
    "IP address": "203.0.113.77",
    "US social security number": "078-05-1120",
    "Brazilian CPF": "529.982.247-25",
    "Spanish DNI": "12345678Z",
    "Italian codice fiscale": "RSSMRA85T10A562S",
    "French NIR": "2 55 08 14 168 025 38",
    "Finnish personal code": "131052-308T",
    "Chinese resident number": "11010519491231002X",
    "Indian Aadhaar number": "2341 2341 2346",
}
SECRETS = {
    "AWS access key": "AKIA" + "Q3EGRTYU7PLMNBV2",
    "GitHub token": "ghp_" + "Zx9Kq2Lm4Np6Rs8Tv1Wy3Ab5Cd7Ef0Gh2Jk4",
    "OpenAI key": "sk-" + "proj-Ab12Cd34Ef56Gh78Ij90Kl12Mn34",
    "Slack token": "xoxb-" + "123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx",
    "Google API key": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "Stripe key": "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9"
    + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "private key": "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n",
    "password in an address": "mysql://root:" + "Tr0ub4dor@db.example.org:3306/shop",
    "password or key by its name": "api_key=" + "9f8e7d6c5b4a39281706f5e4",
}


@pytest.mark.parametrize("kind", PERSONAL)
def test_personal_data_is_found_in_texts(lint: Lint, kind: str) -> None:
    faults = [f"{TEXTS[7]} {PERSONAL[kind]} {TEXTS[8]}", f"{PERSONAL[kind]}, see above please"]
    cells, rows = _planted(TEXTS, faults)
    [found] = lint({"text": cells, "n": range(ROWS)}, "FMT021")
    assert (list(found.rows), found.severity) == (rows, Severity.WARNING)
    assert found.evidence["kinds"] == {kind: 2}


@pytest.mark.parametrize("kind", SECRETS)
def test_secrets_are_found_in_texts(lint: Lint, kind: str) -> None:
    cells, rows = _planted(TEXTS, [f"{TEXTS[7]} {SECRETS[kind]} {TEXTS[8]}"])
    [found] = lint({"text": cells, "n": range(ROWS)}, "FMT022")
    assert list(found.rows) == rows
    assert found.evidence["kinds"] == {kind: 1}


def test_a_password_in_an_address_is_a_secret_and_no_e_mail_address(lint: Lint) -> None:
    cells, _ = _planted(TEXTS, [SECRETS["password in an address"]])
    assert [f.code for f in lint({"t": cells, "n": range(ROWS)}, "FMT021,FMT022")] == ["FMT022"]


@pytest.mark.parametrize("name", ["email", "Kontakt"])
def test_a_column_of_addresses_is_information(lint: Lint, name: str) -> None:
    cells = [f"user{i}@example.org" for i in range(ROWS)]
    [found] = lint({name: cells, "n": range(ROWS)}, "FMT021")
    assert (found.row_count, found.severity) == (ROWS, Severity.INFO)


def test_a_column_of_plain_phone_numbers_is_known_by_its_name(lint: Lint) -> None:
    cells = [f"555{Random(i).randrange(10**6, 10**7)}" for i in range(ROWS)]
    [found] = lint({"Phone Number": cells, "n": range(ROWS)}, "FMT021")
    assert (found.row_count, found.severity) == (ROWS, Severity.INFO)
    assert all("***" in example["value"] for example in found.evidence["examples"])
    assert lint({"serial": cells, "n": range(ROWS)}, "FMT021") == []


def test_numbers_whose_checksum_is_right_by_chance_are_left_alone(lint: Lint) -> None:
    cards = [f"4{Random(i).randrange(10**14, 10**15)}" for i in range(ROWS)]
    ids = [f"{Random(i).randrange(10**7, 10**8)}{'ABCDEFGHJK'[i % 10]}" for i in range(ROWS)]
    times = [f"2021-03-{i % 28 + 1:02d} 10:{i % 60:02d}:00 UTC" for i in range(ROWS)]
    uuids = [f"{Random(i).getrandbits(128):032x}" for i in range(ROWS)]
    versions = [f"{i % 9}.{i % 7}.{i % 5}.{i % 3}" for i in range(ROWS)]
    columns = {"order": cards, "part": ids, "at": times, "uuid": uuids, "version": versions}
    assert lint(columns, "FMT021,FMT022") == []


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github", "markdown", "junit"])
def test_no_report_shows_what_it_must_not(tmp_path: Path, format: str) -> None:
    hidden = [*PERSONAL.values(), *SECRETS.values()]
    cells = [f"{value} {TEXTS[i]} " for i, value in enumerate(hidden)]  # stray blanks: FMT003
    names = [f" {value}" for value in hidden]
    path, rows_out = tmp_path / "train.csv", tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "contact", "label"])
        writer.writerows([c, n, i % 2] for i, (c, n) in enumerate(zip(cells, names, strict=True)))
        writer.writerows([text, "none", i % 2] for i, text in enumerate(TEXTS))
    arguments = ["lint", str(path), "--format", format, "--rows-out", str(rows_out), "--fast"]
    result = CliRunner().invoke(application(), arguments)
    assert result.exit_code == 1, result.output
    written = result.output + rows_out.read_text(encoding="utf-8")
    assert "FMT021" in written
    assert "FMT022" in written
    if format in ("text", "json"):  # those that show examples
        assert "***" in written
    for value in hidden:
        assert value.splitlines()[-1] not in written


def test_data_frames_in_memory_are_masked_as_well() -> None:
    frame = {"note": ["mail to bob@example.org", " x ", "y z", SECRETS["AWS access key"]]}
    for finding in _lint({"train": read_frame(frame)}, "FMT"):
        assert "bob@example" not in f"{finding}"
        assert SECRETS["AWS access key"] not in f"{finding}"


def test_what_was_cut_in_the_middle_is_masked() -> None:
    secret = SECRETS["JSON web token"]
    assert masked(f"{secret[:30]}…") == "eyJ********…"
    assert masked("write to bob.berg@exam…") == "write to ***@***…"
    assert masked("2,000 of 3,000 values (67 %) in `at`") == "2,000 of 3,000 values (67 %) in `at`"


# FMT010


def test_letters_of_another_script_are_found_in_names_and_texts(lint: Lint) -> None:
    cities = [Random(i).choice(["Paris", "Lima", "Porto", "New York", "Oslo"]) for i in range(ROWS)]
    faults = ["P\u0430ris", "\u041esl\u043e", "Lim\u0430", "P\u03bfrto", "\uff30\uff41ris"]
    cells, rows = _planted(cities, faults)
    texts, text_rows = _planted(TEXTS, [f"win fr\u0435\u0435 {TEXTS[3]}", f"\ufb01ne {TEXTS[4]}"])
    found = {f.columns: f for f in lint({"city": cells, "text": texts}, "FMT010")}
    assert list(found["city",].rows) == rows
    assert list(found["text",].rows) == text_rows
    assert "reads 'Paris'" in found["city",].notes


def test_a_latin_letter_in_a_russian_word_is_found(lint: Lint) -> None:
    words = [Random(i).choice(["Москва", "Россия", "слово", "USB-кабель"]) for i in range(ROWS)]
    cells, rows = _planted(words, ["Mосква", "Роcсия", "слoво"])
    [found] = lint({"word": cells, "n": range(ROWS)}, "FMT010")
    assert list(found.rows) == rows
    assert sorted(found.notes) == ["reads 'Москва'", "reads 'Россия'", "reads 'слово'"]


def test_a_dash_that_makes_a_second_spelling_is_found_and_typography_is_not(lint: Lint) -> None:
    codes = [f"AB-{i:04d}" for i in range(ROWS)]
    cells, rows = _planted(codes, ["AB\u20130007", "AB\u22120400"])
    prose = [f"{text} – don’t “quote” it…" for text in TEXTS]
    [found] = lint({"code": cells, "text": prose}, "FMT010")
    assert (found.columns, list(found.rows)) == (("code",), rows)


# FMT017


def test_ids_that_became_scientific_are_found(lint: Lint) -> None:
    ids = [str(Random(i).randrange(10**12, 10**13)) for i in range(ROWS)]
    cells, rows = _planted(ids, ["4.56E+12", "1.2E+12", "9E+12"])
    [found] = lint({"x": cells, "n": range(ROWS)}, "FMT017")
    assert list(found.rows) == rows
    codes, rows = _planted([f"{i:03d}E{i % 7}A" for i in range(ROWS)], ["1.20E+06"])
    [found] = lint({"part": codes, "n": range(ROWS)}, "FMT017")
    assert list(found.rows) == rows


def test_measurements_in_scientific_notation_are_left_alone(lint: Lint) -> None:
    flux = [f"{Random(i).lognormvariate(9, 6):.2E}" for i in range(ROWS)]
    counts = [str(i * 1000) if i % 9 else f"{i}e+05" for i in range(ROWS)]
    assert lint({"flux": flux, "count": counts}, "FMT017") == []


@pytest.mark.parametrize(  # with more short codes they may be of another country
    ("share", "all_lost"), [(0.02, True), (0.02, False), (0.15, False)]
)
def test_zip_codes_without_their_zero_are_found(lint: Lint, share: float, all_lost: bool) -> None:
    draw = Random(3)
    codes = [f"{draw.randrange(10000, 99999)}" for _ in range(ROWS)]
    first = sorted(draw.sample(range(ROWS), int(2 * share * ROWS)))
    for row in first:
        codes[row] = f"0{draw.randrange(1000, 9999)}"
    rows = first if all_lost else first[::2]
    for row in rows:
        codes[row] = codes[row][1:]
    [found] = lint({"zip_code": codes, "n": range(ROWS)}, "FMT017")
    assert list(found.rows) == rows


@pytest.mark.parametrize("name", ["zip", "code", "amount"])
def test_numbers_of_many_widths_are_left_alone(lint: Lint, name: str) -> None:
    wide = [str(int(Random(i).lognormvariate(8, 2))) for i in range(ROWS)]
    countries = [Random(i).choice(["1100", "04109", "10121", "4000", "69001"]) for i in range(ROWS)]
    assert lint({name: wide, "n": range(ROWS)}, "FMT017") == []
    assert lint({name: countries, "n": range(ROWS)}, "FMT017") == []


@pytest.mark.parametrize(("name", "width"), [("barcode", 13), ("zip", 5), ("fips", 11)])
def test_codes_are_short_only_where_their_width_is_known(lint: Lint, name: str, width: int) -> None:
    draw = Random(5)
    usual = [str(draw.randrange(1, 10**width)) for _ in range(ROWS)]
    longer = [str(draw.randrange(1, 10**16)) for _ in range(ROWS)]
    [found] = lint({name: usual, "n": range(ROWS)}, "FMT017")
    assert list(found.rows) == [i for i, code in enumerate(usual) if len(code) < width]
    assert lint({name: longer, "n": range(ROWS)}, "FMT017") == []


def test_genes_and_sizes_that_became_dates_are_found(lint: Lint) -> None:
    genes = [Random(i).choice(["TP53", "BRCA1", "EGFR", "MYC", "KRAS"]) for i in range(ROWS)]
    sizes = [Random(i).choice(["5-9", "15-24", "25-34", "35-49"]) for i in range(ROWS)]
    gene, gene_rows = _planted(genes, ["2-Sep", "Mar-01", "1-Dec", "2020-03-01 00:00:00"])
    size, size_rows = _planted(sizes, ["14-Oct", "Dec-10"])
    found = {f.columns: f for f in lint({"gene": gene, "size": size}, "FMT017")}
    assert list(found["gene",].rows) == gene_rows
    assert list(found["size",].rows) == size_rows
    days = [f"{i % 28 + 1}-{'Mar' if i % 3 else 'Sep'}" for i in range(ROWS)]
    assert lint({"day": days, "n": range(ROWS)}, "FMT017") == []


# FMT020, FMT024


def _tales(count: int) -> list[str]:
    return [f"{i} {TEXTS[i % ROWS].capitalize()}, {TEXTS[i * 7 % ROWS]}." for i in range(count)]


@pytest.mark.parametrize("length", [60, 120, 255])
def test_texts_cut_at_a_length_are_found(lint: Lint, length: int) -> None:
    tales = _tales(900)
    long = [i for i, tale in enumerate(tales) if len(tale) > length]
    cut = sorted(Random(1).sample(long, min(40, len(long) // 2)))
    cells = [tale[:length] if i in set(cut) else tale for i, tale in enumerate(tales)]
    [found] = lint({"text": cells, "n": range(900)}, "FMT020")
    assert set(cut) <= set(found.rows)
    assert len(found.rows) <= len(cut) + 5


def test_texts_cut_at_so_many_bytes_are_found(lint: Lint) -> None:
    tales = [tale.replace("e", "é") for tale in _tales(600)]
    cells = [t.encode()[:150].decode(errors="ignore") for t in tales]
    [found] = lint({"text": cells, "n": range(600)}, "FMT020")
    assert found.evidence == found.evidence | {"length": 150, "unit": "bytes"}


def test_texts_of_natural_lengths_are_left_alone(lint: Lint) -> None:
    forms = [f"order {i % 97} of customer {i} was sent on day {i % 31}" for i in range(ROWS)]
    campuses = [
        f"College of {WORDS[i % 30].title()} {i % 7} - {WORDS[i % 11]} Campus" for i in range(ROWS)
    ]
    columns = {"text": _tales(ROWS), "form": forms, "school": campuses}
    assert lint(columns, "FMT020,FMT024") == []


def test_very_long_and_wordless_texts_are_found(lint: Lint) -> None:
    cells, rows = _planted(_tales(ROWS), ["word " * 4000, "...!", "!!", "--"])
    cells[1:5] = [":-) :-)", "***", "[]", "👍👍"]
    found = lint({"text": cells, "n": range(ROWS)}, "FMT024")
    assert [(f.row_count, f.severity) for f in found] == [(2, Severity.WARNING), (1, Severity.INFO)]
    assert sorted(row for f in found for row in f.rows) == rows[:3]


# FMT025


def _with_files(tmp_path: Path, folder: str, names: Sequence[str]) -> list[int]:
    """Make all files but some; the rows of those."""
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    gone = sorted(Random(2).sample(range(len(names)), 5))
    for i, name in enumerate(names):
        if i not in gone:
            (tmp_path / folder / name).write_bytes(b"x")
    return gone


@pytest.mark.parametrize("prefix", ["images/", "./images/", "", "images\\"])
def test_paths_without_a_file_are_found(tmp_path: Path, lint: Lint, prefix: str) -> None:
    names = [f"{i:04d}.png" for i in range(ROWS)]
    gone = _with_files(tmp_path, "images", names)
    cells = [f"{prefix}{name}" for name in names]
    [found] = lint({"image": cells, "label": [i % 2 for i in range(ROWS)]}, "FMT025")
    assert (list(found.rows), found.severity) == (gone, Severity.WARNING)


def test_paths_from_the_root_and_files_that_are_all_there(tmp_path: Path, lint: Lint) -> None:
    names = [f"{i:04d}.wav" for i in range(ROWS)]
    gone = _with_files(tmp_path, "clips", names)
    cells = [f"{tmp_path}/clips/{name}" for name in names]
    [found] = lint({"clip": cells, "n": range(ROWS)}, "FMT025")
    assert list(found.rows) == gone
    for row in gone:
        (tmp_path / "clips" / names[row]).write_bytes(b"x")
    assert lint({"clip": cells, "n": range(ROWS)}, "FMT025") == []


# FMT023

FOREIGN = {
    "German": "Das Hotel war sehr schön und wir haben uns dort wohl gefühlt",
    "French": "La chambre était très propre et le petit déjeuner est servi dans le jardin",
    "Spanish": "El servicio es muy malo y la comida no está fría pero tampoco caliente",
    "Italian": "Non mi piace questo posto perché il cibo è cattivo e anche il servizio",
    "Dutch": "De kamer was niet schoon en het ontbijt is ook niet goed voor ons",
    "Polish": "Pokój był czysty i obsługa jest bardzo miła, ale nie było śniadania",
    "Russian": "Очень хороший отель, но завтрак был не такой как на фото",
    "Greek script": "Το δωμάτιο ήταν καθαρό και το προσωπικό ευγενικό",
    "Chinese, Japanese or Korean script": "房间很干净，服务员也非常友好",
    "Arabic script": "كانت الغرفة نظيفة جدا والموظفون ودودون",
}


def test_texts_in_other_languages_are_found(lint: Lint) -> None:
    cells, rows = _planted(TEXTS, list(FOREIGN.values()))
    [found] = lint({"text": cells, "n": range(ROWS)}, "FMT023")
    assert list(found.rows) == rows
    assert list(found.notes) == list(FOREIGN)


def test_english_among_german_texts_is_found(lint: Lint) -> None:
    said = (
        "das Zimmer war sauber und die Leute sind nett aber wir haben nicht viel davon gehabt weil "
        "es auch am Abend sehr laut ist und man kein Auge zu tun kann oder so was in der Art"
    )
    texts = [
        " ".join(Random(i).choices(said.split(), k=Random(i).randrange(8, 40))) for i in range(ROWS)
    ]
    cells, rows = _planted(texts, [TEXTS[5], "It was not what you would have thought of them"])
    [found] = lint({"text": cells, "n": range(ROWS)}, "FMT023")
    assert (list(found.rows), set(found.notes)) == (rows, {"English"})


def test_names_titles_and_pairs_of_languages_are_left_alone(lint: Lint) -> None:
    films = "Ironclad: Battle for Blood, 2014; Jack et la mecanique du coeur, 2014"
    titles = ["La Casa de Papel", "Der Untergang", "Москва", "Rio de la Plata", "Amélie"]
    said = [f"We saw {titles[i % 5]} and {text}" for i, text in enumerate(TEXTS)]
    said[9:12] = [
        films,
        "Yup, no need. I'll jus wait 4 e rain 2 stop",
        "No da. . Vijay is in jaya tv",
    ]
    pairs = [list(FOREIGN.values())[i % 4] + f" {i}" for i in range(ROWS)]
    names = [f"{['José', 'Zoë', 'Łukasz'][i % 3]} de la Cruz y Garcia {i}" for i in range(ROWS)]
    assert lint({"said": said, "pair": pairs, "name": names}, "FMT023") == []
