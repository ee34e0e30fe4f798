"""FMT022: secrets."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.traces import Flagged


class Secret(Check):
    """A cell holds a key, a token or a password.

    ## Why is this bad?
    Models repeat what they were trained on: a key in the training data is a key that anyone who
    asks may be given. Whoever holds a copy of the data can use it today.

    ## How it works
    Cells are searched for what only a secret looks like: the prefixes and lengths of the keys of
    AWS, GitHub, GitLab, OpenAI, Anthropic, Slack, Google, Stripe, Hugging Face and others, blocks
    of private keys, JSON web tokens, passwords in addresses (`scheme://user:password@host`) or
    behind a name (`api_key=`). Placeholders (`xxxx`, `${KEY}`) are none. Tokens and passwords that
    may have expired are warnings. Judged by a sample of 10,000 rows; where the sample shows a
    secret, all rows are searched. No report shows a secret: stars stand in its place.

    ## What to do
    Revoke the secret first, for it is out already. Then take it out of the data, and out of the
    history of the repository that holds the data.
    """

    code = "FMT022"
    name = "secret"
    severity = Severity.ERROR
    verify = Option(
        50_000,
        "Suspect cells of a column that are looked at one by one; what lies beyond is taken as "
        "suspected. About a second's work (measured).",
        low=100,
    )
    bad = (
        Example(
            train={
                "text": [
                    "deploy with AKIA" + "IOSFODNN7EXAMPLE and restart",
                    "no secret in here at all",
                    "token: ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8",
                    "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEpAIBAAKCAQEA75zWqZ1x\n",
                    "my secret token is a smile",
                ]
            },
            expect=(At(row=0), At(row=2), At(row=3)),
        ),
        Example(
            train={"dsn": ["postgres://app:pa55word@db.example.org/x", "sqlite://", "none at all"]},
            expect=(At(row=0),),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "export API_KEY=${API_KEY}",
                    "password: xxxxxxxx",
                    "api_key = os.environ.get('KEY2')",
                    "sk-learn, sk-image and a-sk-b",
                    "https://example.org:8080/path@v1.2",
                    "the task-based secret of success",
                    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEF",
                ]
            }
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.secrets import ANY, LITERALS
        from dataguard.stats.traces import Asked, search

        asked = []
        for split in data.splits:
            for column in split.columns:
                if column.is_string and column.kind not in (Kind.EMPTY, Kind.NUMBER, Kind.DATE):
                    text = pl.col(column.name)
                    near = text.str.contains_any(list(LITERALS), ascii_case_insensitive=True)
                    where = pl.when(near).then(text).str.contains(ANY)
                    asked.append(Asked(split, column, where, near))
        for found in await search(asked, self.verify):
            finding = self._told(found)
            if finding is not None:
                yield finding

    def _told(self, found: Flagged) -> Finding | None:
        """The finding on a column with suspect cells; None where none of them holds a secret."""
        from dataguard.stats.masking import excerpt, masked
        from dataguard.stats.secrets import secrets_in

        name, hits, filled = found.column.name, found.hits, found.filled
        cells = dict(hits.cells.iter_rows())
        kinds = {row: forms for row, cell in cells.items() if (forms := secrets_in(cell))}
        if not kinds:
            return None
        rows = [*kinds, *hits.rows[len(cells) :]]
        counted = Counter(form.name for forms in kinds.values() for form in set(forms))
        certain = any(form.certain for forms in kinds.values() for form in forms)
        told = [f"{form} ({n:,})" for form, n in sorted(counted.items())]
        more = f" and {len(told) - 3} more" if len(told) > 3 else ""
        return self.finding(
            f"{len(rows):,} of {filled:,} values ({share(len(rows), filled)}) in `{name}` "
            f"{verb(len(rows), 'holds', 'hold')} a secret: {', '.join(told[:3])}{more}",
            split=found.split,
            rows=rows,
            columns=(name,),
            examples=[
                {"row": row, "column": name, "value": excerpt(masked(cells[row]))}
                for row in list(kinds)[:5]
            ],
            evidence={"kinds": dict(sorted(counted.items()))},
            notes=[", ".join(dict.fromkeys(f.name for f in forms)) for forms in kinds.values()]
            if len(rows) == len(kinds)
            else [],
            severity=None if certain else Severity.WARNING,
            confidence=1.0 if certain else 0.7,
            fix="Revoke it, then take it out of the data and of the repository's history.",
        )
