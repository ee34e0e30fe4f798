"""LEK006 to LEK016, beyond the examples in the checks: planted leaks, and what must stay silent."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from dataguard import lint
from dataguard.finding import Finding, Severity, Status

Table = dict[str, list[Any]]


def found(code: str, train: Table, test: Table | None = None, **given: Any) -> list[Finding]:
    """What one check says of tables in memory."""
    report = lint(train, test, select=code, **given)
    assert [o.reason for o in report.outcomes if o.status is Status.CRASHED] == []
    return list(report.findings)


def people(rng: random.Random, rows: int) -> Table:
    return {
        "age": [round(rng.gauss(40, 12), 2) for _ in range(rows)],
        "city": [rng.choice("abcdefgh") for _ in range(rows)],
        "paid": [rng.choice(["yes", "no"]) for _ in range(rows)],
    }


def part(table: Table, start: int, end: int) -> Table:
    return {name: values[start:end] for name, values in table.items()}


def text(rng: random.Random, words: int = 14) -> str:
    return " ".join("".join(rng.choice("bdfgklmnrst") + rng.choice("aeiou") for _ in range(3))
                    for _ in range(words))  # fmt: skip


def test_a_few_rows_that_differ_in_spelling_are_a_warning_and_equal_ones_an_error() -> None:
    rng = random.Random(1)
    train = {"text": [text(rng) for _ in range(300)]}
    test = {"text": [text(rng) for _ in range(300)]}
    test["text"][7] = train["text"][3].upper()
    (spelt,) = found("LEK001", train, test, text="text")
    test["text"][9] = train["text"][5]
    (equal,) = found("LEK001", train, test, text="text")
    assert (spelt.severity, list(spelt.rows)) == (Severity.WARNING, [7])
    assert (equal.severity, list(equal.rows)) == (Severity.ERROR, [7, 9])


def test_a_text_in_markup_is_told_once_and_not_as_a_near_duplicate() -> None:
    rng = random.Random(2)
    train = {"text": [text(rng, 30) for _ in range(60)]}
    test = {"text": [text(rng, 30) for _ in range(30)]}
    test["text"][4] = f"<p>{train['text'][8]}</p>"
    assert [(f.code, list(f.rows)) for f in found("LEK", train, test, text="text")] == [
        ("LEK006", [4])
    ]


def test_a_clean_split_by_time_is_silent_and_rows_of_the_last_day_may_be_in_both() -> None:
    days = [f"2024-{m:02}-{d:02}" for m in range(1, 11) for d in range(1, 11)]
    sizes = [float(i * i % 97) for i in range(100)]
    train = {"date": [*days[:80], days[79]], "size": [*sizes[:80], 1.5]}
    test = {"date": [days[79], *days[80:]], "size": [2.5, *sizes[80:]]}
    assert found("LEK007", train, test) == []
    train["date"][3] = days[95]
    (late,) = found("LEK007", train, test)
    assert (late.split, list(late.rows)) == ("train", [3])


def test_a_hold_out_that_lies_in_the_past_is_reported() -> None:
    days = [f"2024-{m:02}-{d:02}" for m in range(1, 11) for d in range(1, 11)]
    (finding,) = found("LEK007", {"date": days[40:]}, {"date": days[:40]}, time="date")
    assert (finding.split, finding.columns) == ("test", ("date",))


def test_customers_with_a_date_are_no_time_series() -> None:
    rng = random.Random(3)
    days = [f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" for _ in range(600)]
    table = {**people(rng, 600), "joined": days}
    assert found("LEK008", part(table, 0, 450), part(table, 450, 600), label="paid") == []


def test_rows_of_one_day_that_are_alike_are_no_time_series() -> None:
    rng = random.Random(4)
    table: Table = {"day": [], "level": []}
    for day in range(100):
        level = rng.gauss(0, 10)
        for _ in range(6):
            table["day"].append(f"2024-{day // 25 + 1:02}-{day % 25 + 1:02}")
            table["level"].append(level + rng.gauss(0, 0.1))
    order = list(range(600))
    rng.shuffle(order)
    table = {name: [values[i] for i in order] for name, values in table.items()}
    train, test = part(table, 0, 450), part(table, 450, 600)
    assert found("LEK008", train, test, label="level", time="day") == []


def test_gaps_that_say_little_are_silent() -> None:
    rng = random.Random(5)
    table = people(rng, 800)
    table["visits"] = [
        None if rng.random() < (0.35 if p == "yes" else 0.2) else rng.randint(0, 9)
        for p in table["paid"]
    ]
    assert found("LEK009", table, label="paid") == []


@pytest.mark.parametrize("mark", ["{t} Label: {y}", "[{y}] {t}", "__label__{y} {t}"])
def test_a_label_in_some_texts_is_named_with_its_rows(mark: str) -> None:
    rng = random.Random(6)
    labels = [rng.choice(["ham", "spam"]) for _ in range(200)]
    texts = [text(rng) for _ in labels]
    for row in range(0, 200, 9):
        texts[row] = mark.format(t=texts[row], y=labels[row])
    (finding,) = found("LEK010", {"text": texts, "label": labels}, label="label", text="text")
    assert list(finding.rows) == list(range(0, 200, 9))


def test_texts_that_speak_of_their_topic_are_silent() -> None:
    rng = random.Random(7)
    topics = ("sport", "music", "food")
    labels = [rng.choice(topics) for _ in range(300)]
    texts = [
        f"{text(rng)} {y if rng.random() < 0.4 else rng.choice(topics)} {text(rng, 4)}"
        for y in labels
    ]
    assert found("LEK010", {"text": texts, "label": labels}, label="label", text="text") == []


def test_an_encoding_of_the_training_rows_alone_is_an_info_and_a_smoothed_one_silent() -> None:
    rng = random.Random(8)
    table = people(rng, 900)
    table["shop"] = [rng.randint(1, 40) for _ in range(900)]
    hits = [float(y == "yes") for y in table["paid"]]
    for smooth, severities in ((0.0, [Severity.INFO]), (5.0, [])):
        rows = {s: [i for i in range(700) if table["shop"][i] == s] for s in set(table["shop"])}
        prior = sum(hits[:700]) / 700
        table["rate"] = [
            (sum(hits[i] for i in rows[s]) + smooth * prior) / (len(rows[s]) + smooth)
            for s in table["shop"]
        ]
        said = found("LEK011", part(table, 0, 700), part(table, 700, 900), label="paid")
        assert [f.severity for f in said] == severities


def test_random_halves_are_not_told_apart() -> None:
    table = people(random.Random(9), 900)
    assert found("LEK012", part(table, 0, 600), part(table, 600, 900), label="paid") == []


def test_new_values_of_a_column_full_of_rare_ones_are_informative_at_most() -> None:
    rng = random.Random(10)
    table = people(rng, 1000)
    table["street"] = [f"road {int(rng.expovariate(0.02))} north" for _ in range(1000)]
    said = found("LEK013", part(table, 0, 800), part(table, 800, 1000), label="paid")
    assert {f.severity for f in said} <= {Severity.INFO}


def test_columns_scaled_on_the_training_rows_are_silent() -> None:
    rng = random.Random(11)
    values = [rng.gauss(0, 3) for _ in range(500)]
    mean = sum(values[:400]) / 400
    spread = (sum((v - mean) ** 2 for v in values[:400]) / 400) ** 0.5
    scaled = [(v - mean) / spread for v in values]
    assert found("LEK014", {"a": scaled[:400]}, {"a": scaled[400:]}) == []


def test_shares_between_0_and_1_are_not_squeezed() -> None:
    rng = random.Random(12)
    table = {c: [rng.random() for _ in range(500)] for c in "abcde"}
    table["a"][450], table["a"][460] = 0.0, 1.0
    assert found("LEK014", part(table, 0, 400), part(table, 400, 500)) == []


def test_coarse_rows_of_which_one_class_repeats_are_not_oversampled() -> None:
    rng = random.Random(13)
    table: Table = {c: [] for c in ("a", "b", "c", "ill")}
    for _ in range(600):
        ill = rng.random() < 0.4
        for name in "abc":
            table[name].append(rng.randint(1, 10) if ill else rng.choice([1, 1, 1, 1, 2]))
        table["ill"].append("yes" if ill else "no")
    assert found("LEK015", part(table, 0, 480), part(table, 480, 600), label="ill") == []


def test_an_evaluation_file_of_the_config_is_read_from_beside_it(tmp_path: Path) -> None:
    rng = random.Random(14)
    questions = [text(rng, 16) for _ in range(20)]
    train = [text(rng, 40) for _ in range(80)]
    train[5] = f"{text(rng, 30)} {questions[3].upper()}! {text(rng, 30)}"
    folder = tmp_path / "project"
    folder.mkdir()
    lines = "".join(json.dumps({"question": q, "id": i}) + "\n" for i, q in enumerate(questions))
    (folder / "eval.jsonl").write_text(lines, encoding="utf-8")
    config = folder / "dataguard.toml"
    config.write_text('[checks.LEK016]\nevaluation = ["eval.jsonl"]\n', encoding="utf-8")
    (finding,) = found("LEK016", {"text": train}, text="text", config=config)
    assert (finding.severity, list(finding.rows)) == (Severity.WARNING, [5])


def test_an_evaluation_file_that_is_not_there_is_no_silence(tmp_path: Path) -> None:
    config = tmp_path / "dataguard.toml"
    config.write_text('[checks.LEK016]\nevaluation = ["no.jsonl"]\n', encoding="utf-8")
    rng = random.Random(15)
    report = lint({"text": [text(rng) for _ in range(9)]}, select="LEK016", config=config)
    (outcome,) = report.outcomes
    assert outcome.status is Status.CRASHED
    assert "no.jsonl" in outcome.reason


def test_a_phrase_in_many_training_texts_is_no_overlap() -> None:
    rng = random.Random(16)
    notice = text(rng, 20)
    train = {"text": [f"{text(rng, 30)} {notice}" for _ in range(40)]}
    test = {"text": [f"{text(rng, 20)} {notice}" for _ in range(10)]}
    assert found("LEK016", train, test, text="text") == []
