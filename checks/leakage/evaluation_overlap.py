from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    quoted,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.ngrams import Shared

_QUESTION = (
    "a farmer has seventeen sheep and all but nine of them run away over the hill at night how many"
    " sheep are left on the farm"
)


class EvaluationOverlap(Check):
    """A training text shares a passage with a text that the model is evaluated on.

    ## Why is this bad?
    A model trained on a web page that quotes the test question, with the answer below it, has seen
    the answer. Its score is that of memory. Nobody sees it by comparing rows: the passage is a
    small part of a long text.

    ## How it works
    As for GPT-3 (Brown et al., 2020, appendix C), a training text overlaps where it has a run of
    13 words in common with an evaluation text, case and punctuation aside; evaluation texts of 8 to
    12 words must stand in it as a whole, shorter ones are not looked for. Runs in more than ten
    training texts are phrases and do not count. The evaluation files are those of the option
    `evaluation` (CSV, JSON Lines, Parquet), a warning, and the held-out splits, an info. Held-out
    texts that are as a whole equal or nearly so to a training text are LEK001's, LEK002's and
    LEK006's.

    ```toml
    [tool.dataguard.checks.LEK016]
    evaluation = ["benchmarks/gsm8k.jsonl"]
    ```

    ## What to do
    Drop these training texts, or cut the passage out of them. Where the overlap is a common source
    (a law, a poem), report the score with and without the evaluation texts concerned.
    """

    code = "LEK016"
    name = "evaluation-overlap"
    severity = Severity.WARNING
    fast = False
    needs = (Need.TEXT,)
    uses = ("text",)
    evaluation: Option[tuple[str, ...]] = Option(
        (),
        "Files whose texts the model will be evaluated on, relative to the config file. Without"
        " one, the held-out splits alone are looked at.",
        paths=True,
    )
    words = Option(
        13,
        "Words of a run. GPT-3 took 13, at most (Brown et al., 2020, appendix C).",
        low=5,
        high=50,
    )
    shortest = Option(
        8,
        "Words that an evaluation text must have to be looked for as a whole; GPT-3's least.",
        low=3,
    )
    common = Option(
        10, "A run in more training texts than this does not count, as for GPT-3.", low=1
    )
    whole = Option(
        0.5,
        "Similarity (Jaccard, of words) from which on a held-out text and a training text are alike"
        " as a whole, and not one with a passage of the other; LEK002 tells those from 0.8 on.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            title="A page quotes a held-out question",
            train={
                "text": [
                    "the shop closes at noon on every Sunday in winter",
                    "Riddles that I have heard lately in a bar by the sea, with some answers at"
                    f" the end of this long page of mine. First: {_QUESTION}? Nine are left, since"
                    " all but nine ran. Second: what has a neck and no head? A bottle, of course,"
                    " as every child in our village knows by heart.",
                    "a train leaves the station at eight in the morning and arrives at ten",
                ]
            },
            test={"text": [f"{_QUESTION.capitalize()}?", "what is the sum of two and two and one"]},
            text=("text",),
            expect=(At("train", 1, "text"),),
        ),
    )
    good = (
        Example(
            train={"text": ["the shop closes at noon on every Sunday", "trains leave at eight"]},
            test={"text": [_QUESTION, "what is the sum of two and two and one more"]},
            text=("text",),
        ),
        Example(
            title="Equal as a whole: LEK001's",
            train={"text": ["the shop closes at noon on every Sunday", _QUESTION]},
            test={"text": [_QUESTION.upper(), "what is the sum of two and two and one more"]},
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.ngrams import file_texts
        from dataguard.stats.text_pairs import main_texts, why_no_texts

        train = data.train
        names = [c.name for c in main_texts(train)]
        if not names:
            raise Skip(why_no_texts(train))
        splits = [s for s in data.holdouts if all(n in s for n in names)]
        if not splits and not self.evaluation:
            raise Skip("no evaluation file and no other split; name files in the option evaluation")
        frames = await together(
            [s.map([s[n].text.alias(n) for n in names]) for s in (train, *splits)]
        )
        texts = [_joined(frame) for frame in frames]
        for path in self.evaluation:
            others = file_texts(path)
            found = self._shared(texts[0], others)
            if found.rows:
                yield await self._found(train, names, found, path, len(others), Severity.WARNING)
        for split, others in zip(splits, texts[1:], strict=True):
            found = self._but_whole(texts[0], others, self._shared(texts[0], others))
            if found.rows:
                told = (split.name, len(others), Severity.INFO)
                yield await self._found(train, names, found, *told)

    def _shared(self, texts: pl.Series, others: pl.Series) -> Shared:
        from dataguard.stats.ngrams import shared_runs

        return shared_runs(
            texts, others, length=self.words, shortest=self.shortest, common=self.common
        )

    def _but_whole(self, texts: pl.Series, others: pl.Series, found: Shared) -> Shared:
        """Without the texts that are like one of the others as a whole."""
        from dataguard.stats.ngrams import Shared, alike

        same = alike(texts.gather(found.rows), others.gather(found.partners))
        kept = [i for i, s in enumerate(same) if s < self.whole]
        return Shared(
            [found.rows[i] for i in kept],
            [found.partners[i] for i in kept],
            [found.runs[i] for i in kept],
        )

    async def _found(
        self,
        train: Split,
        names: list[str],
        found: Shared,
        where: str,
        of: int,
        severity: Severity,
    ) -> Finding:
        number, theirs = len(found.rows), len(set(found.partners))
        shown = await train.cells(found.rows[:5], names)
        return self.finding(
            f"{count_of(number, 'text')} of {train.height:,} ({share(number, train.height)}) in"
            f" {quoted(names)} {verb(number, 'shares', 'share')} a run of {self.words} words, or"
            f" a whole text, with {where} ({theirs:,} or more of its {of:,} texts)",
            split=train,
            rows=found.rows,
            columns=tuple(names),
            confidence=0.9,
            severity=severity,
            examples=cells(shown, names[:1]),
            notes=[f"row {p} of {where}, {n} runs" for p, n in _pairs(found)],
            evidence={"evaluation": where, "texts": theirs},
            fix="Drop these training texts, or cut the passage out of them.",
        )


def _pairs(found: Shared) -> list[tuple[int, int]]:
    return list(zip(found.partners, found.runs, strict=True))


def _joined(frame: pl.DataFrame) -> pl.Series:
    """All texts of a row as one."""
    import polars as pl

    return frame.select(pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)).to_series()
