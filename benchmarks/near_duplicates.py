"""Near-duplicate search against exact all-pairs, and against the MinHash libraries' defaults.

`python -m benchmarks.near_duplicates [--rows N] [--seed S] [--large]` makes sentences by Zipf's law
with planted near-copies, compares all pairs exactly, and prints for each tool which share of the
pairs with a Jaccard of 0.8 and more it names ("recall"), which share of those it names are such
pairs ("true"; ours also counts the end of the text and looks at letters, so it names a few more),
and its time over ours. The peers name candidates and verify nothing; we verify, choose partners and
group. Peers that are not installed are left out. Times are CPU seconds of this process, all threads
together, so that they stay comparable while other work runs on the machine.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate

import polars as pl

from dataguard.stats.minhash import near_duplicates

Pairs = set[tuple[int, int]]

THRESHOLD = 0.8
COPIES = 0.1  # share of the sentences that get a copy with some words changed
PERMUTATIONS = 128  # the peers' customary number


@dataclass(frozen=True, slots=True)
class Result:
    """One tool: CPU seconds, recall of the true pairs, share of its pairs that are true."""

    tool: str
    seconds: float
    recall: float
    precision: float
    pairs: int


def sentences(rows: int, seed: int, shortest: int = 12, longest: int = 40) -> list[str]:
    """Sentences of different words; some get a copy in which every 8th to 20th word is another."""
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = [
        "".join(rng.choices(letters, range(40, 14, -1), k=rng.randint(2, 9))) for _ in range(20_000)
    ]
    weights = list(accumulate(1 / (rank + 5) for rank in range(len(words))))
    texts = [
        " ".join(
            dict.fromkeys(rng.choices(words, cum_weights=weights, k=rng.randint(shortest, longest)))
        )
        for _ in range(rows)
    ]
    for text in rng.sample(texts, int(COPIES * rows)):
        changed = text.split()
        for _ in range(max(1, len(changed) // rng.randint(8, 20))):
            changed[rng.randrange(len(changed))] = rng.choice(words)
        texts.append(" ".join(changed))
    return list(dict.fromkeys(texts))


def exact_pairs(texts: list[str]) -> Pairs:
    """All pairs whose sets of words have a Jaccard of `THRESHOLD` or more.

    Two such texts share one of the rarest words of each (Chaudhuri, Ganti and Kaushik, "A primitive
    operator for similarity joins in data cleaning", 2006), so only those words are looked up.
    """
    sets = [set(text.split()) for text in texts]
    counts = Counter(word for words in sets for word in words)
    holders: dict[str, list[int]] = defaultdict(list)
    pairs: Pairs = set()
    for row, words in enumerate(sets):
        rare = sorted(words, key=lambda word: (counts[word], word))
        prefix = rare[: len(rare) - -int(-THRESHOLD * len(rare) // 1) + 1]
        for other in {other for word in prefix for other in holders[word]}:
            shared = len(words & sets[other])
            if shared / (len(words) + len(sets[other]) - shared) >= THRESHOLD:
                pairs.add((other, row))
        for word in prefix:
            holders[word].append(row)
    return pairs


def ours(texts: list[str]) -> Pairs:
    """This project's search; pairs found by letters or with repeated words count as well."""
    found = near_duplicates(pl.Series(texts), threshold=THRESHOLD)
    return {(pair.left, pair.right) for pair in found.pairs()}


def rensa(texts: list[str]) -> Pairs:
    """rensa's LSH in the bands of its documentation."""
    from rensa import RMinHash, RMinHashLSH

    hashes = RMinHash.from_token_sets([text.split() for text in texts], PERMUTATIONS, 42)
    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, 16)
    index.insert_many(hashes)
    return {
        (row, other)
        for row, near in enumerate(index.query_all(hashes))
        for other in near
        if row < other
    }


def datasketch(texts: list[str]) -> Pairs:
    """datasketch's LSH with the bands it chooses for the threshold."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    words = [[word.encode() for word in text.split()] for text in texts]
    hashes = list(MinHash.generator(words, num_perm=PERMUTATIONS))
    for row, one in enumerate(hashes):
        index.insert(row, one)
    return {
        (row, other) for row, one in enumerate(hashes) for other in index.query(one) if row < other
    }


def measure(
    tool: str, search: Callable[[list[str]], Pairs], texts: list[str], truth: Pairs
) -> Result:
    """Run one search and hold its pairs against the true ones."""
    begun = time.process_time()
    found = search(texts)
    seconds = time.process_time() - begun
    hits = len(found & truth)
    return Result(tool, seconds, hits / max(len(truth), 1), hits / max(len(found), 1), len(found))


def large(seed: int) -> None:
    """A million sentences of 30 words: seconds and peak memory."""
    texts = pl.Series(sentences(909_100, seed, 28, 32))
    wall, cpu = time.perf_counter(), time.process_time()
    found = near_duplicates(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(texts):,} texts: {wall:.1f} s wall, {cpu:.1f} s CPU, {peak:.1f} GB with the texts'"
        f" making, {len(found.left):,} pairs"
    )


def main() -> None:
    """Print the comparison, or the large run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="only time a million texts")
    options = parser.parse_args()
    if options.large:
        large(options.seed)
        return
    texts = sentences(options.rows, options.seed)
    begun = time.process_time()
    truth = exact_pairs(texts)
    exact = time.process_time() - begun
    print(f"{len(texts):,} texts, {len(truth):,} pairs with a Jaccard of {THRESHOLD} or more")
    tools: dict[str, Callable[[list[str]], Pairs]] = {"dataguard": ours}
    tools |= {f.__name__: f for f in (rensa, datasketch) if find_spec(f.__name__)}
    near_duplicates(pl.Series(texts[:10]))  # imports
    results = [measure(tool, search, texts, truth) for tool, search in tools.items()]
    print(f"{'tool':12}{'recall':>8}{'true':>8}{'pairs':>9}{'texts/s':>10}{'time':>8}")
    for r in results:
        rate, ratio = len(texts) / r.seconds, r.seconds / results[0].seconds
        print(f"{r.tool:12}{r.recall:8.3f}{r.precision:8.3f}{r.pairs:9,}{rate:10,.0f}{ratio:7.2f}x")
    rate, ratio = len(texts) / exact, exact / results[0].seconds
    print(f"{'all pairs':12}{1:8.3f}{1:8.3f}{len(truth):9,}{rate:10,.0f}{ratio:7.2f}x")


if __name__ == "__main__":
    main()
