"""FMT011: HTML residue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Option,
    Severity,
    cells,
    quoted,
    share,
    verb,
)

TAGS = (
    "br|p|div|span|strong|em|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|img|script|style|font|html|"
    "body|head|meta|link|input|button|form|iframe|hr|blockquote|pre|code|sup|sub|center|small|"
    "section|article|header|footer|nav|figure|figcaption|video|audio|label|option|select|svg"
)
"""Tags that stand for nothing else, with or without attributes."""

ATTRIBUTES = r"""(?:\s+[a-zA-Z:-]+\s*=\s*(?:\\?"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))"""

SHORT = "a|b|i|u"
"""Tags that may be a placeholder in pointed brackets: they count with an attribute or an end."""

TAG = (
    rf"<(?:{TAGS}){ATTRIBUTES}*\s*/?>|<(?:{SHORT}){ATTRIBUTES}+\s*>|</(?:{TAGS}|{SHORT})\s*>"
    r"|<!--|<!DOCTYPE|<!\[CDATA\["
)

ENTITY = (
    "&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|lsquo|rsquo|ldquo|rdquo|laquo|"
    "raquo|bull|middot|euro|pound|cent|yen|sect|deg|times|shy|ensp|emsp|zwnj|iexcl|iquest|"
    "[aeiouyAEIOUY](?:acute|grave|circ|uml|tilde|ring)|[nN]tilde|[cC]cedil|szlig|[ao]elig|oslash|"
    "#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,6});"
)

FENCE = r"```|`\s*<|`\s*&|\bHTML\b|\A\s*<!DOCTYPE"
"""Text about HTML shows it between backticks or names it; a whole page is no residue."""


class HtmlResidue(Check):
    """Text still holds HTML: tags as in `<br />`, entities as in `&amp;`.

    ## Why is this bad?
    `Tom &amp; Jerry` and `Tom & Jerry` are two categories and two texts. In prose the tags become
    tokens that a model learns to rely on, or to write.

    ## How it works
    Cells are searched for tags of HTML by their names, with well-formed attributes, and for the
    common named and all numbered entities. Texts that name HTML or show it between backticks are
    about it, and are left alone, as whole pages are. Where nearly all cells of a column are HTML,
    it is likely meant to be, and that is `info`. Judged by a sample of 10,000 rows; where the
    sample shows it, all rows are searched.

    ## What to do
    Take tags out with a parser (`BeautifulSoup(text, "html.parser").get_text(" ")`), then
    `html.unescape`. Do not use a regular expression for `<script>` and `<style>`: their content
    would stay.
    """

    code = "FMT011"
    name = "html-residue"
    severity = Severity.WARNING
    meant = Option(
        0.9,
        "Share of a column's values from which on it is a column of HTML, and no residue (judged).",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={
                "text": [
                    "I liked it.<br /><br />Would watch it again",
                    "Tom &amp; Jerry is for all ages",
                    "A plain text of a few words",
                    'See <a href="https://example.org">this page</a> for more',
                    "It&#39;s fine, I suppose",
                    "Another plain text",
                    "No tags & no entities in this one",
                ]
            },
            expect=(At(row=0), At(row=1), At(row=3), At(row=4)),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "if a<b and c>d then stop",
                    "AT&T and R&D; Q&A",
                    "I <3 you",
                    "the token <s> begins, </s> ends, <unk> is unknown",
                    "https://example.org/?a=1&copy=2&lt=3",
                    "use `<br>` for a line break, `&amp;` for an ampersand",
                    "press <b> to go back",
                    "Here's your HTML table: <table><tr><td>1</td></tr></table>",
                ]
            }
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.traces import Asked, column_traces, search

        traces = await Derived(column_traces)
        asked = []
        for split in data.splits:
            for column in split.columns:
                seen = traces.get((split.name, column.name))
                if seen is None:
                    continue
                forms = [TAG] * seen.has("<") + [ENTITY] * seen.has("&;")
                if forms:
                    text = pl.col(column.name)
                    held = text.str.contains("|".join(forms))
                    asked.append(Asked(split, column, held & ~text.str.contains(FENCE)))
        for one in await search(asked, 1000):
            found, name = one.hits, one.column.name
            meant = found.count >= max(3, self.meant * one.filled)
            yield self.finding(
                f"{found.count:,} of {one.filled:,} values ({share(found.count, one.filled)}) in "
                f"`{name}` {verb(found.count, 'holds', 'hold')} HTML: "
                f"{_most(found.cells[name])}",
                split=one.split,
                rows=found.rows,
                columns=(name,),
                examples=cells(found.cells, (name,)),
                severity=Severity.INFO if meant else None,
                fix="Take the tags out with an HTML parser, then apply `html.unescape`.",
            )


def _most(values: Iterable[str]) -> str:
    """The tags and entities that stand there most often."""
    pattern = re.compile(f"{TAG}|{ENTITY}")
    short = re.compile(r"^</?[\w!-]+")
    written: Counter[str] = Counter()
    for value in values:
        for tag in set(pattern.findall(value)):
            cut = short.match(tag)
            written[tag if len(tag) <= 12 or not cut else f"{cut[0]} …>"] += 1
    ordered = sorted(written.items(), key=lambda pair: (-pair[1], pair[0]))
    return quoted([tag for tag, _ in ordered], 3)
