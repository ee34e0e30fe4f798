from __future__ import annotations

import random
import re
from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest

from dataguard.stats.minhash import Neighbours, near_duplicates

SENTENCE = "my new card has not arrived yet although I ordered it more than one week ago"


def search(*texts: str | None) -> Neighbours:
    return near_duplicates(pl.Series(texts, dtype=pl.String))


def similar(one: str, two: str) -> bool:
    return len(search(one, two).left) == 1


def vocabulary(rng: random.Random, size: int = 3000) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(size)]


def sentences(rng: random.Random, number: int, shortest: int, longest: int) -> list[str]:
    words = vocabulary(rng)
    return [" ".join(rng.choices(words, k=rng.randint(shortest, longest))) for _ in range(number)]


def with_one_word_changed(rng: random.Random, text: str) -> str:
    words = text.split()
    words[rng.randrange(len(words))] = "changed"
    return " ".join(words)


def bag(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def jaccard(one: Counter[str], two: Counter[str]) -> float:
    """Of words and the end of the text, by the book."""
    return (sum((one & two).values()) + 1) / (sum((one | two).values()) + 1)


@pytest.mark.parametrize("place", range(16))
def test_a_text_of_sixteen_words_with_any_one_word_changed_is_found(place: int) -> None:
    words = SENTENCE.split()
    words[place] = "elephant"
    assert similar(SENTENCE, " ".join(words))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (SENTENCE, SENTENCE + " please"),
        (SENTENCE, SENTENCE.replace(" not", "")),
        (SENTENCE, SENTENCE.replace("new card", "card new")),
        (SENTENCE, SENTENCE.replace("ordered", "odrered").replace("week", "weak")),
        ("when will my card arrive", "when wil my card arrive"),
        ("how do I reset my own pin", "how do I reset my own pni"),
        ("Barcelona Airport", "Barcelona Airpport"),
        (
            "我今天在银行开了一个新的账户但是卡还没有收到",
            "我今天在银行开了一个旧的账户但是卡还没有收到",
        ),
        ("ฉันต้องการเปลี่ยนรหัสผ่านของบัตรเครดิต", "ฉันต้องการเปลี่ยนรหัสผ่านของบัตรเดบิต"),
        ("שלום עולם זה טקסט קצר מאוד לבדיקה", "שלום עולם זה טקסט קצר מאד לבדיקה"),
        ("Как мне изменить пинкод моей новой карты", "Как мне изменить пинкот моей новой карты"),
        ("ACGTTGCA" * 60, "ACGTTGCA" * 30 + "T" + "ACGTTGCA" * 30),
        ("the 3 pigs and the wolf " * 20 + "by 1 author", "the 3 pigs and the wolf " * 20 + "by 2"),
    ],
)
def test_nearly_the_same_texts_are_found(one: str, two: str) -> None:
    assert similar(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("yes", "yep"),
        ("New York", "New Jersey"),
        ("How old are you", "How tall are you"),
        ("My order number 12345 has not arrived", "My order number 12346 has not arrived"),
        ("What is 12 + 34?", "What is 13 + 34?"),
        ("The meeting is on 2024-01-10 at 12:30", "The meeting is on 2024-01-11 at 12:30"),
        ("It costs 1.5 euros for each of the nights", "It costs 15 euros for each of the nights"),
        ("The capital of France is Paris", "The capital of Spain is Madrid"),
        ("how can I top up my account by cheque", "why was my cash withdrawal declined abroad"),
        ("!!!", "!!"),
        ("", "a"),
        ("\0", "\0\0"),
    ],
)
def test_texts_that_say_something_else_are_not_found(one: str, two: str) -> None:
    assert not similar(one, two)


def test_texts_equal_up_to_case_punctuation_and_spacing_are_one_text_and_no_pair() -> None:
    found = search(
        SENTENCE, SENTENCE.upper() + "!", "  " + SENTENCE.replace(" ", "\n"), "Don't", "dont"
    )
    assert len(found.left) == 0
    assert found.group.tolist() == [-1] * 5
    assert len(set(found.distinct[:3])) == len(set(found.distinct[3:])) == 1


def test_nulls_and_texts_without_words_have_no_partner_group_or_number() -> None:
    found = search(None, None, "", " ", "...", SENTENCE)
    assert found.distinct[:5].tolist() == [-1] * 5
    assert found.partner.tolist() == found.group.tolist() == [-1] * 6
    assert found.similarity.tolist() == [0.0] * 6


@pytest.mark.parametrize("texts", [[], [None], ["one text"], [None, None]])
def test_fewer_than_two_texts_give_an_empty_result(texts: list[str | None]) -> None:
    found = search(*texts)
    assert len(found.partner) == len(texts)
    assert list(found.pairs()) == []


def test_copies_of_a_near_duplicate_share_its_group_partner_and_similarity() -> None:
    changed = SENTENCE.replace("week", "month")
    found = search("something else altogether", SENTENCE, changed, changed.upper(), SENTENCE)
    assert found.group.tolist() == [-1, 0, 0, 0, 0]
    assert found.similarity.tolist() == pytest.approx([0, *[16 / 18] * 4])
    assert found.distinct[found.partner[1]] == found.distinct[2]
    assert found.distinct[found.partner[3]] == found.distinct[1]
    assert len(found.left) == 1


def test_a_hundred_thousand_copies_of_one_text_are_no_pair_at_all() -> None:
    found = near_duplicates(pl.Series([SENTENCE]).extend_constant(SENTENCE, 100_000))
    assert len(found.left) == 0
    assert found.truncated == 0


def test_each_pair_is_given_once_with_its_exact_jaccard() -> None:
    changed, dropped = SENTENCE.replace("week", "month"), SENTENCE.replace(" yet", "")
    pairs = [(p.left, p.right, p.similarity) for p in search(SENTENCE, changed, dropped).pairs()]
    expected = [(0, 1, 16 / 18), (0, 2, 16 / 17), (1, 2, 15 / 18)]
    assert [p[:2] for p in pairs] == [p[:2] for p in expected]
    assert [p[2] for p in pairs] == pytest.approx([p[2] for p in expected])


def test_repeated_words_count_as_often_as_they_stand() -> None:
    one = "very " * 10 + "good and cheap"
    assert not similar(one, one.replace("very " * 10, "very "))


def test_groups_do_not_chain() -> None:
    words = SENTENCE.split()
    chain = [" ".join(["other"] * n + words[n:]) for n in range(0, 9)]
    found = search(*chain)
    assert len(set(found.group.tolist())) > 1
    for row, centre in enumerate(found.representative.tolist()):
        assert found.group[row] == found.group[centre]


def test_across_finds_only_pairs_of_a_true_and_a_false_text() -> None:
    changed, dropped = SENTENCE.replace("week", "month"), SENTENCE.replace(" yet", "")
    texts = pl.Series([SENTENCE, changed, "something else altogether", dropped])
    found = near_duplicates(texts, across=pl.Series([False, False, True, True]))
    assert [(p.left, p.right) for p in found.pairs()] == [(0, 3), (1, 3)]
    assert found.partner.tolist() == [3, 3, -1, 0]


def test_across_gives_a_partner_on_the_other_side_to_a_text_that_stands_on_both() -> None:
    changed = SENTENCE.replace("week", "month")
    texts = pl.Series([SENTENCE, changed, SENTENCE])
    found = near_duplicates(texts, across=pl.Series([False, False, True]))
    assert found.partner.tolist() == [-1, 2, 1]


def test_a_side_for_each_text_is_demanded() -> None:
    with pytest.raises(ValueError, match="2 sides were given for 1 texts"):
        near_duplicates(pl.Series(["a"]), across=pl.Series([True, False]))


@pytest.mark.parametrize("threshold", [0.2, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates(pl.Series(["a"]), threshold=threshold)


@pytest.mark.parametrize("number", [400, 3000])
def test_the_search_finds_what_comparing_all_pairs_finds(number: int) -> None:
    rng = random.Random(number)
    texts = sentences(rng, number, 12, 30)
    for text in texts[: number // 4]:
        for _ in range(rng.randint(1, 3)):
            text = with_one_word_changed(rng, text)
        texts.append(text)
    texts = list(dict.fromkeys(texts))
    bags = [bag(text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    truth = set()
    for i, mine in enumerate(bags):
        others = Counter(j for word in mine for j in holders[word])
        near = [j for j, shared in others.items() if shared > 5]
        truth |= {(j, i) for j in near if jaccard(mine, bags[j]) >= 0.8}
        for word in mine:
            holders[word].append(i)
    found = list(near_duplicates(pl.Series(texts)).pairs())
    assert len(truth) >= number // 8
    assert truth == {
        (p.left, p.right) for p in found if jaccard(bags[p.left], bags[p.right]) >= 0.8
    }
    for pair in found:
        assert pair.similarity >= 0.8


def test_planted_changes_are_found_among_many_texts_and_nothing_else() -> None:
    rng = random.Random(1)
    texts = sentences(rng, 20_000, 8, 40)
    planted = [with_one_word_changed(rng, text) for text in texts[:500]]
    found = near_duplicates(pl.Series(texts + planted))
    assert (found.partner[20_000:] >= 0).mean() >= 0.995
    assert (found.partner[500:20_000] >= 0).sum() == 0


def test_rows_in_another_order_give_the_same_pairs_and_groups() -> None:
    rng = random.Random(2)
    texts = sentences(rng, 3000, 8, 20)
    texts += [with_one_word_changed(rng, text) for text in texts[:300]]
    shuffled = rng.sample(texts, len(texts))
    results = []
    for order in (texts, shuffled):
        found = near_duplicates(pl.Series(order), seed=5)
        pairs = {(*sorted((order[p.left], order[p.right])), p.similarity) for p in found.pairs()}
        groups = {order[i]: order[r] for i, r in enumerate(found.representative) if r >= 0}
        partners = {order[i]: order[p] for i, p in enumerate(found.partner) if p >= 0}
        results.append((pairs, groups, partners))
    assert results[0] == results[1]


def test_the_same_seed_gives_the_same_result() -> None:
    rng = random.Random(3)
    texts = pl.Series([with_one_word_changed(rng, SENTENCE) for _ in range(10)] * 2)
    one, two = near_duplicates(texts, seed=7), near_duplicates(texts, seed=7)
    assert all(np.array_equal(getattr(one, n), getattr(two, n)) for n in one.__slots__)


def test_texts_made_from_one_template_are_searched_in_bounded_work_and_said_to_be() -> None:
    rng = random.Random(4)
    words = vocabulary(rng)
    texts = [
        f"{SENTENCE} said {a} {b}" for a, b in zip(words, rng.sample(words, 3000), strict=True)
    ]
    found = near_duplicates(pl.Series(texts))
    assert (found.partner >= 0).all()
    assert 0 < found.truncated <= 3000
    assert len(found.left) < 3000 * 200


def test_only_the_beginning_of_a_huge_text_is_compared_but_lengths_must_agree() -> None:
    rng = random.Random(6)
    text = " ".join(rng.choices(vocabulary(rng), k=10_000))
    found = search(text, text + " and a little more", text + text, text.upper())
    assert found.distinct[0] == found.distinct[3] != found.distinct[1]
    assert found.group.tolist() == [0, 0, -1, 0]


HOSTILE = [
    "x" * 10_000_000,
    "\0" * 100,
    "a\0b",
    "😀😃😄",
    "👩‍👩‍👧‍👦 family",
    "\u202eright to left\u202c",
    "\ufeff",
    "e\u0301" * 50,
    "\x1b[31mred",
    "🇩🇪" * 300,
    "-" * 5000,
    "1" * 400,
    "1.2.3.4.5:6/7-8,9",
    ".5 5.",
    "'",
    "it's 'quoted'",
    "a " * 40_000,
    "かな" * 100,
    "ⅣÅﬁ",
]


def test_hostile_texts_are_searched_without_a_fault() -> None:
    found = search(*HOSTILE, *HOSTILE, None)
    assert found.distinct[: len(HOSTILE)].tolist() == found.distinct[len(HOSTILE) : -1].tolist()
    assert len(found.partner) == 2 * len(HOSTILE) + 1


def test_hostile_texts_next_to_each_other_do_not_change_what_they_are() -> None:
    alone = [len(set(search(text, "5. word").distinct.tolist())) for text in HOSTILE]
    assert set(alone) <= {2}
    forward, backward = search(*HOSTILE), search(*HOSTILE[::-1])
    ours = [forward.distinct[i] == forward.distinct[j] for i in range(19) for j in range(19)]
    theirs = [
        backward.distinct[18 - i] == backward.distinct[18 - j] for i in range(19) for j in range(19)
    ]
    assert ours == theirs


def test_long_documents_are_searched_by_the_same_rule() -> None:
    rng = random.Random(8)
    words = vocabulary(rng, 20_000)
    weights = [1 / (rank + 1) for rank in range(len(words))]
    texts = [" ".join(rng.choices(words, weights, k=1000)) for _ in range(300)]
    planted = []
    for text in texts[:30]:
        for _ in range(60):
            text = with_one_word_changed(rng, text)
        planted.append(text)
    found = near_duplicates(pl.Series(texts + planted))
    assert [(p.left, p.right) for p in found.pairs()] == [(i, 300 + i) for i in range(30)]


def test_repeated_words_are_no_hindrance_among_many_texts() -> None:
    rng = random.Random(9)
    words = vocabulary(rng)
    texts = [" ".join([*["very"] * 20, *rng.sample(words, 4)]) for _ in range(100)]
    planted = [text.replace("very ", "", 3) for text in texts]
    found = near_duplicates(pl.Series([*sentences(rng, 3000, 8, 20), *texts, *planted]))
    assert (found.partner[3000:] >= 0).all()
    assert (found.partner[:3000] == -1).all()
