"""What kind of values a column holds, in any script."""

from __future__ import annotations

import random

import pytest

import dataguard
from dataguard.dataset import Kind
from dataguard.kinds import profile
from dataguard.sources.frame import read_frame

HAN = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学"
KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
)
THAI = "กขคงจฉชซญดตถทธนบปผพฟมยรลวศสหอฮ"


def sentences(letters: str, length: int, number: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choice(letters) for _ in range(length)) for _ in range(number)]


def kind_of(values: list[str]) -> Kind:
    (column,), _ = profile(read_frame({"x": values}))
    return column.kind


@pytest.mark.parametrize("letters", [HAN, KANA, THAI])
def test_sentences_without_spaces_are_text_and_names_are_none(letters: str) -> None:
    assert kind_of(sentences(letters, 40, 100)) is Kind.TEXT
    assert kind_of(sentences(letters, 3, 100)) is not Kind.TEXT


@pytest.mark.parametrize(
    "form", ["+49 {} {} {}", "({}) {}-{}", "{} {} {} {}", "[{}, {}, {}]", "{} / {} / {} / {}"]
)
def test_digits_and_signs_are_no_text(form: str) -> None:
    draw = random.Random(2)
    values = [form.format(*(draw.randint(100, 99999) for _ in range(4))) for _ in range(200)]
    assert kind_of(values) is Kind.CODE


def test_texts_that_begin_with_numbers_are_text() -> None:
    assert kind_of([f"{i} of {2 * i} people came here" for i in range(200)]) is Kind.TEXT


def test_a_changed_character_in_forty_is_a_near_duplicate() -> None:
    texts = sentences(HAN, 40, 100, seed=3)
    changed = [f"{t[:20]}龙{t[21:]}" for t in texts[:20]]
    (near,) = dataguard.lint({"text": texts + changed}, select="DUP003").findings
    assert list(near.rows) == [*range(20), *range(100, 120)]
    (leak,) = dataguard.lint({"text": texts}, test={"text": changed}, select="LEK002").findings
    assert list(leak.rows) == list(range(20))


def test_short_texts_are_said_to_be_too_short() -> None:
    data = {"note": [f"box {w} is {v}" for w in "abcdefgh" for v in ("new", "old", "lost")]}
    for code, test in (("DUP003", None), ("LEK002", data)):
        (outcome,) = dataguard.lint(data, test=test, select=code).outcomes
        assert outcome.reason == (
            "the texts are too short to compare, under 5 words; name one with --text"
        )
