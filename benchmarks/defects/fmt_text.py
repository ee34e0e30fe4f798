"""Planters of what stands in texts: markup, formulas, personal data, secrets, languages, paths."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence

from benchmarks.defects import Frame, Planted, as_csv, copied, plants, some
from benchmarks.defects.base import FIRST, LAST, people, reviews


def _size(draw: random.Random) -> int:
    return draw.randrange(300, 1500)


def _changed(
    draw: random.Random,
    clean: Frame,
    column: str,
    change: Callable[[str], str],
    rows: Sequence[int] | None = None,
) -> Planted:
    """Some cells of a column changed; a cell that comes out as it was is no defect."""
    dirty = copied(clean)
    chosen = rows if rows is not None else some(draw, len(clean[column]))
    for row in chosen:
        dirty[column][row] = change(str(clean[column][row]))
    faulty = [row for row in chosen if dirty[column][row] != str(clean[column][row])]
    return Planted(
        {"train.csv": as_csv(dirty)},
        {"train.csv": as_csv(clean)},
        {"train.csv": frozenset(faulty)},
        frozenset({column}),
    )


def _into(draw: random.Random, text: str, piece: str) -> str:
    """The piece put between two words of the text."""
    words = text.split(" ")
    words.insert(draw.randrange(len(words) + 1), piece)
    return " ".join(words)


TWINS = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "A": "А", "B": "В", "P": "Р"}


@plants("FMT010")
def look_alike_characters(draw: random.Random) -> Planted:
    column = draw.choice(("city", "plan", "product", "text"))
    clean = (people if column in ("city", "plan") else reviews)(draw, _size(draw))

    def change(cell: str) -> str:
        places = [i for i, c in enumerate(cell) if c in TWINS]
        if column != "text" and draw.random() < 0.2:
            return "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in cell)
        for i in draw.sample(places, min(len(places), draw.randrange(1, 3))):
            cell = f"{cell[:i]}{TWINS[cell[i]]}{cell[i + 1 :]}"
        return cell

    return _changed(draw, clean, column, change)


@plants("FMT011")
def html_residue(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    forms: Sequence[Callable[[str], str]] = (
        lambda t: t.replace(". ", ".<br><br>"),
        lambda t: t.replace(". ", ". <br />", 1),
        lambda t: f"<p>{t}</p>",
        lambda t: _into(draw, t, "&amp;"),
        lambda t: t.replace(" ", "&nbsp;", 2),
        lambda t: t.replace("the", "<b>the</b>", 1),
        lambda t: f'<div class="review-text">{t}</div>',
        lambda t: _into(draw, t, draw.choice(("I&#39;m sure", "&quot;nice&quot;", "&lt;3"))),
        lambda t: f'{t} <a href="https://shop.example/r?id={draw.randrange(999)}">more</a>',
    )
    return _changed(draw, clean, "text", lambda cell: draw.choice(forms)(cell))


@plants("FMT016")
def spreadsheet_formula(draw: random.Random) -> Planted:
    clean = people(draw, _size(draw))
    column = draw.choice(("spent", "age", "name", "city"))
    forms = (
        "=SUM(C{0}:C{1})", "=B{0}*1.2", "=VLOOKUP(A{0},Sheet2!A:B,2,FALSE)", "=D{0}/E{1}",
        "=IF(C{0}>10,1,0)", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "=AVERAGE(F{0}:F{1})",
        '=HYPERLINK("http://x.example","click")', "=cmd|' /C notepad'!A1", "@SUM(1+9)", "=$B${0}",
    )  # fmt: skip
    picked = draw.sample(forms, draw.randrange(1, 5))
    return _changed(
        draw,
        clean,
        column,
        lambda _: draw.choice(picked).format(draw.randrange(2, 90), draw.randrange(90, 400)),
    )


@plants("FMT017")
def spreadsheet_damage(draw: random.Random) -> Planted:
    clean = people(draw, _size(draw))
    height = len(clean["age"])
    kind = draw.choice(("long ids", "zeros", "genes", "sizes"))
    if kind == "long ids":
        column = draw.choice(("account", "tracking_number", "barcode", "device"))
        clean[column] = [str(draw.randrange(10**12, 10**15)) for _ in range(height)]
        return _changed(draw, clean, column, lambda cell: f"{float(cell):.{draw.randrange(6)}E}")
    if kind == "zeros":
        column = draw.choice(("zip", "fips", "postal_code", "store"))
        clean[column] = [f"{draw.randrange(500, 99999):05d}" for _ in range(height)]
        led = [row for row in range(height) if clean[column][row][0] == "0"]
        every = column != "store" and draw.random() < 0.5
        rows = led if every else sorted(draw.sample(led, max(1, len(led) // 2)))
        return _changed(draw, clean, column, lambda cell: cell.lstrip("0"), rows)
    if kind == "genes":
        genes = ("TP53", "EGFR", "MYC", "KRAS", "PTEN", "SEPT2", "MARCH1", "DEC1", "SEPT9", "OCT4")
        clean["gene"] = [draw.choice(genes) for _ in range(height)]
        months = {"SEPT2": "2-Sep", "MARCH1": "1-Mar", "DEC1": "1-Dec", "SEPT9": "9-Sep"}
        months["OCT4"] = "4-Oct"
        rows = [r for r in range(height) if clean["gene"][r] in months and draw.random() < 0.3]
        return _changed(draw, clean, "gene", lambda cell: months[cell], rows)
    sizes = {"1-4": "4-Jan", "5-9": "9-May", "10-14": "14-Oct", "15-24": "15-24", "25-49": "25-49"}
    clean["age_group"] = [draw.choice((*sizes, "50+", "25-49", "15-24")) for _ in range(height)]
    return _changed(draw, clean, "age_group", lambda cell: sizes.get(cell, cell))


@plants("FMT020")
def truncated_text(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    length = draw.choice((80, 100, 140, 150, 200, 255))
    long = [row for row, text in enumerate(clean["text"]) if len(text) > length]
    rows = long
    if draw.random() < 0.4 and len(long) > 40:
        rows = sorted(draw.sample(long, max(15, int(len(long) * draw.uniform(0.05, 0.3)))))
    return _changed(draw, clean, "text", lambda cell: cell[:length], rows)


def _card(draw: random.Random) -> str:
    digits = [4, *(draw.randrange(10) for _ in range(14))]
    doubled = [d * 2 - 9 * (d > 4) if i % 2 == 0 else d for i, d in enumerate(digits)]
    digits.append(-sum(doubled) % 10)
    text = "".join(map(str, digits))
    between = draw.choice((" ", "-", ""))
    return between.join(text[i : i + 4] for i in range(0, 16, 4))


def _iban(draw: random.Random) -> str:
    account = "".join(draw.choices(string.digits, k=18))
    check = 98 - int(f"{account}131400") % 97
    text = f"DE{check:02d}{account}"
    return " ".join(text[i : i + 4] for i in range(0, 22, 4)) if draw.random() < 0.5 else text


def _email(draw: random.Random) -> str:
    between = draw.choice((".", "_", ""))
    name = f"{draw.choice(FIRST)}{between}{draw.choice(LAST)}"
    host = draw.choice(("example.com", "mail.example.org", "firma.example.de", "uni-x.example.edu"))
    return f"{name}{draw.choice(('', draw.randrange(99)))}@{host}".lower()


def _phone(draw: random.Random) -> str:
    def some_digits(n: int) -> str:
        return "".join(draw.choices("23456789", k=n))

    return draw.choice(
        (
            f"+49 1{some_digits(2)} {some_digits(7)}",
            f"({some_digits(3)}) {some_digits(3)}-{some_digits(4)}",
            f"{some_digits(3)}-{some_digits(3)}-{some_digits(4)}",
            f"+1-{some_digits(3)}-{some_digits(3)}-{some_digits(4)}",
            f"+44 20 {some_digits(4)} {some_digits(4)}",
        )
    )


def _address(draw: random.Random) -> str:
    return f"{draw.randrange(11, 99)}.{draw.randrange(20, 250)}.{draw.randrange(1, 250)}.17"


@plants("FMT021")
def personal_data(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    makers = draw.sample((_email, _phone, _card, _iban, _address), draw.randrange(1, 4))
    if draw.random() < 0.25:
        dirty = copied(clean)
        name, maker = draw.choice((("email", _email), ("contact_phone", _phone), ("iban", _iban)))
        dirty[name] = [maker(draw) for _ in clean["text"]]
        rows = frozenset(range(len(clean["text"])))
        files = ({"train.csv": as_csv(dirty)}, {"train.csv": as_csv(clean)})
        return Planted(*files, {"train.csv": rows}, frozenset({name}))
    words = ("call me:", "contact", "write to", "mine is", "as seen by")
    return _changed(
        draw,
        clean,
        "text",
        lambda cell: _into(draw, cell, f"{draw.choice(words)} {draw.choice(makers)(draw)}"),
    )


def _random(draw: random.Random, letters: str, length: int) -> str:
    return "".join(draw.choices(letters, k=length))


@plants("FMT022")
def secret(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    letters = string.ascii_letters + string.digits
    makers: Sequence[Callable[[], str]] = (
        lambda: "AKIA" + _random(draw, string.ascii_uppercase + "234567", 16),
        lambda: "ghp_" + _random(draw, letters, 36),
        lambda: "sk-" + _random(draw, letters, 48),
        lambda: "xoxb-" + f"{draw.randrange(10**11, 10**12)}-" + _random(draw, letters, 24),
        lambda: "AIza" + _random(draw, letters + "_-", 35),
        lambda: "sk_live_" + _random(draw, letters, 24),
        lambda: ".".join(f"{p}{_random(draw, letters, 20)}" for p in ("eyJ", "eyJ", "")),
        lambda: f"postgres://admin:{_random(draw, letters, 12)}@db.example.org:5432/prod",
        lambda: (
            "-----BEGIN RSA PRIVATE KEY-----\n"
            + "\n".join(_random(draw, letters + "+/", 64) for _ in range(4))
            + "\n-----END RSA PRIVATE KEY-----"
        ),
    )
    picked = draw.sample(makers, draw.randrange(1, 4))
    rows = some(draw, len(clean["text"]), least=1, share=0.005)
    return _changed(
        draw, clean, "text", lambda cell: _into(draw, cell, draw.choice(picked)()), rows
    )


SAID = {
    "de": "der Verkäufer,die Lieferung,das Gerät,mein Bruder|war nicht,ist sehr,war leider|gut,"
    "schlecht,laut,schnell|und wir haben es,aber ich habe es,weil man es|zurückgegeben,"
    "mit viel Freude benutzt,noch einmal bestellt|bei einem anderen Händler,nach einer Woche",
    "fr": "le vendeur,la livraison,cet appareil,mon frère|n'est pas,est très,était malheureusement|"
    "bon,mauvais,rapide,solide|et nous avons,mais je ne l'ai pas,parce que nous l'avons|"
    "rendu,utilisé avec plaisir,commandé encore|chez un autre marchand,après une semaine",
    "es": "el vendedor,la entrega,este aparato,mi hermano|no es,está muy,era|bueno,malo,rápido|"
    "y lo hemos,pero no lo he,porque se ha|devuelto,usado con mucho gusto,pedido otra vez|"
    "en una tienda de la ciudad,después de una semana",
    "it": "il venditore,la consegna,questo prodotto,mio fratello|non è,è molto,era|buono,veloce|"
    "e lo abbiamo,ma non lo ho,perché si è|restituito,usato con piacere,ordinato ancora|"
    "in un altro negozio della città,dopo una settimana di prova",
    "ru": "продавец,товар,мой брат,этот прибор|не был,был очень,оказался|хороший,плохой,быстрый|"
    "и мы его,но я его не,потому что его|вернули,использовал с радостью|через неделю,в магазине",
}


@plants("FMT023")
def unexpected_language(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    tongues = draw.sample(sorted(SAID), draw.randrange(1, 4))

    def change(_: str) -> str:
        parts = SAID[draw.choice(tongues)].split("|")
        return (" ".join(draw.choice(part.split(",")) for part in parts)).capitalize() + "."

    return _changed(draw, clean, "text", change)


@plants("FMT024")
def text_length_outlier(draw: random.Random) -> Planted:
    clean = reviews(draw, _size(draw))
    rows = some(draw, len(clean["text"]), least=2, share=0.004)

    def change(cell: str) -> str:
        if draw.random() < 0.3:
            return draw.choice(("!!!", ".,", "!?", "....", "!"))
        return " ".join([cell] * draw.randrange(20, 200))

    return _changed(draw, clean, "text", change, rows)


@plants("FMT025")
def missing_file(draw: random.Random) -> Planted:
    clean = people(draw, draw.randrange(60, 200))
    height = len(clean["age"])
    folder = draw.choice(("images", "img/train", "photos", "clips"))
    ending = draw.choice(("jpg", "png", "wav", "jpeg"))
    names = [f"{folder}/{draw.randrange(10**6):06d}_{row}.{ending}" for row in range(height)]
    clean["file"] = list(names)
    dirty = copied(clean)
    rows = some(draw, height, share=0.04)
    for row in rows:
        stem = dirty["file"][row].rpartition(".")[0]
        dirty["file"][row] = draw.choice((f"{stem}_copy.{ending}", f"{folder}/x{row}.{ending}"))
    files = dict.fromkeys(names, b"\xff\xd8 an image")
    return Planted(
        {"train.csv": as_csv(dirty), **files},
        {"train.csv": as_csv(clean), **files},
        {"train.csv": frozenset(rows)},
        frozenset({"file"}),
    )
