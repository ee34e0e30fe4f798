"""Files that nobody wants to be handed: name, bytes, and what must be said of some of them."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import zstandard

VALUES = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\\\link\x1b]8;;\x1b\\\\",
    "\x9b31m",
    "\x1b[2J\x1b[1;1H",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "</title><svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><input autofocus onfocus=alert(1)>",
    "<!-- comment",
    "]]> <![CDATA[ &amp; %0A %25",
    "&lt;b&gt; &#60;script&#62; &#x3c;",
    '" onmouseover=alert(1) x="',
    "' onmouseover=alert(1) x='",
    '"/><rect/><script>alert(1)</script>',
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "::error::owned",
    "\n::error file=a,line=1::owned",
    "\r::set-output name=a::b",
    "=cmd()|'/c calc'!A0",
    "+1+1",
    "@SUM(A1:A9)",
    "-2+3+cmd|' /C calc'!A0",
    "left \u202eright\u2066 to",
    "\u202etxt.exe",
    "\u2067isolated\u2069 \u061c \u200f",
    "nul \x00 bell \x07 del \x7f",
    "a|b|c\n|---|",
    "`tick` ``two``",
    "[link](https://evil.example) ![i](http://evil.example/x.png)",
    "[bold]markup[/bold] [link=https://evil.example]x[/link]",
    "@someone #1 www.evil.example",
    "half \ud800 pair",
    "not a character \uffff \U0010ffff",
    "\u2028 separator \u0085 \u2029",
    "\ufeffbom \u200bzero \u2060joiner",
    "\U000e0041\U000e0042 tags \U000e007f",
    "a\u0300\u0301\u0302\u0303" * 200,
    "emoji 👩\u200d👩\u200d👧 🏳️ שלום مرحبا",
    "huge " + "x" * 100_000,
    "huge <&>\"' " + "\u202e<" * 20_000,
)
"""Cells, names and paths that must leave every format as inert text."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile file.

    Attributes:
        name: File name; its suffix matters.
        content: Makes the bytes.
        code: Exit code that it must end with; None where 0, 1 and 2 are all fine.
        found: A rule code that must be reported, or empty.
    """

    name: str
    content: Callable[[], bytes]
    code: int | None = None
    found: str = ""


TABLE = b"id,text,label\n" + b"".join(
    b"%d,some words number %d here,%s\n" % (i, i * 7 % 50, b"ab"[i % 2 : i % 2 + 1])
    for i in range(50)
)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _arrow(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    image = zlib.compress(b"\0\0\0\0\0\0")
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", image), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _frame() -> pl.DataFrame:
    return pl.DataFrame({"a": range(2000), "b": [f"word {i} of many" for i in range(2000)]})


def _csv(header: str, *rows: str) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


LFS = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
DEEP = b"[" * 100_000 + b"]" * 100_000


def files() -> Iterator[Hostile]:
    """All hostile files that can stand alone on a disk."""
    yield from _nearly_nothing()
    yield from _quotes_and_fields()
    yield from _encodings()
    yield from _values()
    yield from _escapes()
    yield from _other_formats()


def _nearly_nothing() -> Iterator[Hostile]:
    yield Hostile("empty.csv", lambda: b"", 2, "FIL001")
    yield Hostile("empty.jsonl", lambda: b"", 2, "FIL001")
    yield Hostile("empty.parquet", lambda: b"", 2, "FIL001")
    yield Hostile("empty.csv.gz", lambda: gzip.compress(b""), 2, "FIL001")
    yield Hostile("one_byte.csv", lambda: b"a")
    yield Hostile("one_newline.csv", lambda: b"\n", 2, "FIL001")
    yield Hostile("one_comma.csv", lambda: b",")
    yield Hostile("one_quote.csv", lambda: b'"')
    yield Hostile("one_nul.csv", lambda: b"\0")
    yield Hostile("only_bom.csv", lambda: b"\xef\xbb\xbf", 2, "FIL001")
    yield Hostile("only_spaces.csv", lambda: b"   \n  \n\t\n", 2, "FIL001")
    yield Hostile("header_only.csv", lambda: b"a,b,label\n", 2, "FIL001")
    yield Hostile("header_only_no_newline.csv", lambda: b"a,b,label", 2, "FIL001")
    yield Hostile("one_row.csv", lambda: b"a,b,label\n1,x y z,pos\n")
    yield Hostile("one_column.csv", lambda: b"a\n1\n2\n3\n4\n")
    yield Hostile("one_column_of_text.csv", lambda: b"hello there\nsome more\nand more\n")
    yield Hostile("lfs_pointer.csv", lambda: LFS, 2, "FIL001")
    yield Hostile("lfs_pointer.parquet", lambda: LFS, 2, "FIL001")
    yield Hostile("all_missing_column.csv", lambda: _csv("a,b", *["1,"] * 30))
    yield Hostile("all_missing.csv", lambda: _csv("a,b", *[","] * 30))
    yield Hostile("nan_labels.csv", lambda: _csv("x,label", *["1,NaN", "2,", "3,nan"] * 9))


def _quotes_and_fields() -> Iterator[Hostile]:
    yield Hostile("lone_quote_at_the_end.csv", lambda: TABLE + b'51,"open,a\n', 1, "FIL005")
    yield Hostile(
        "unclosed_quote.csv", lambda: TABLE.replace(b"9,some", b'9,"some', 1), 1, "FIL005"
    )
    yield Hostile("lone_quotes_everywhere.csv", lambda: TABLE.replace(b"some", b'"some'))
    yield Hostile("quotes_only.csv", lambda: b'"' * 1001)
    yield Hostile("quoted_newlines.csv", lambda: b'a,b\n"1\n\n\n2",x\n"3\r\n4",y\n', 0)
    yield Hostile("ragged.csv", lambda: TABLE + b"1,2,3,4,5\n6\n", 1, "FIL004")
    yield Hostile("every_row_ragged.csv", lambda: b"".join(b"a," * i + b"b\n" for i in range(60)))
    yield Hostile("duplicate_names.csv", lambda: _csv("a,a,b", "1,2,3", "4,5,6"), None, "FIL006")
    yield Hostile("nameless_columns.csv", lambda: _csv(",,", "1,2,3", "4,5,6"))
    yield Hostile("5000_columns.csv", lambda: _wide(5000))
    yield Hostile("30000_columns.csv", lambda: b"a," * 29_999 + b"a\n" + b"1," * 29_999 + b"1\n", 2)
    yield Hostile("10_mb_field.csv", lambda: b"a,b\n1," + b"word " * 2_000_000 + b"\n2,x\n")
    yield Hostile("10_mb_quoted_field.csv", lambda: b'a,b\n1,"' + b"x,\n" * 3_300_000 + b'"\n2,x\n')
    yield Hostile("long_header.csv", lambda: b"h" * 1_000_000 + b",b\n1,2\n")
    yield Hostile("carriage_returns.csv", lambda: TABLE.replace(b"\n", b"\r"))
    yield Hostile("mixed_line_ends.csv", lambda: TABLE.replace(b"\n", b"\r\n", 20))
    yield Hostile("no_newline_at_the_end.csv", lambda: TABLE[:-1])
    yield Hostile("blank_lines.csv", lambda: TABLE.replace(b"\n", b"\n\n"))
    yield Hostile("named_like_ours.csv", lambda: _csv("row,key,split,group,\ue000row", "1,2,3,4,5"))
    yield Hostile("pattern_names.csv", lambda: _csv("^a$,^.*$,a,b", *["1,x,2,3"] * 9))


def _wide(columns: int) -> bytes:
    header = ",".join(f"c{i}" for i in range(columns))
    return _csv(header, *[",".join(str((i * j) % 7) for i in range(columns)) for j in range(4)])


def _encodings() -> Iterator[Hostile]:
    accents = "name,city,label\n" + "Zoë,Zürich,a\nJosé,Málaga,b\nRenée,Orléans,a\n" * 9
    yield Hostile("latin1.csv", lambda: accents.encode("latin-1"))
    yield Hostile("cp1252.csv", lambda: accents.replace("Zoë", "“Zoë”").encode("cp1252"))
    yield Hostile("utf16.csv", lambda: accents.encode("utf-16"))
    yield Hostile("utf16_no_bom.csv", lambda: accents.encode("utf-16-le"))
    yield Hostile("utf32.csv", lambda: accents.encode("utf-32"))
    yield Hostile("utf8_bom.csv", lambda: b"\xef\xbb\xbf" + TABLE, None, "FIL003")
    yield Hostile("bad_bytes.csv", lambda: TABLE * 9 + b"1,caf\xe9 \xff\xfe,a\n")
    yield Hostile(
        "bad_bytes_in_utf8.csv",
        lambda: accents.encode() * 9 + b"Ren\xe9e,Paris,a\n",
        1,
        "FIL002",
    )
    yield Hostile("nuls.csv", lambda: TABLE.replace(b"words", b"wo\0rds"))
    yield Hostile("surrogates.csv", lambda: b"a,b\n\xed\xa0\x80,1\nx,2\n")
    yield Hostile("all_bytes.csv", lambda: bytes(range(256)) * 40)
    yield Hostile("truncated.csv.gz", lambda: gzip.compress(TABLE * 200)[:-300], 1, "FIL001")
    yield Hostile("truncated.csv.zst", lambda: zstandard.compress(TABLE * 200)[:-30])
    yield Hostile("not_gzip.csv.gz", lambda: TABLE)
    yield Hostile("gzip_named.csv", lambda: gzip.compress(TABLE), None)
    yield Hostile("gzip_of_noise.csv.gz", lambda: b"\x1f\x8b\x08\0" + bytes(range(256)))


def _values() -> Iterator[Hostile]:
    big = [f"{10**20 + i},{2**64 + i},{'9' * 400}" for i in range(30)]
    yield Hostile("past_64_bits.csv", lambda: _csv("a,b,c", *big))
    odd = ["1e400", "-1e400", "inf", "-Infinity", "nan", "0x1F", "1_000", "1e-400", "٣", "½"]
    yield Hostile(
        "odd_numbers.csv", lambda: _csv("x,label", *[f"{v},{i % 2}" for i, v in enumerate(odd * 5)])
    )
    dates = ["0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2021-02-30", "-0044-03-15"]
    yield Hostile("odd_dates.csv", lambda: _csv("date,label", *[f"{d},a" for d in dates * 9]))
    yield Hostile("same_row.csv", lambda: _csv("a,b", *["x y z,1"] * 2000))
    yield Hostile(
        "many_classes.csv", lambda: _csv("x,label", *[f"{i % 9},c{i}" for i in range(900)])
    )
    yield Hostile("one_class.csv", lambda: _csv("text,label", *[f"words {i},a" for i in range(90)]))
    yield Hostile("repetition.csv", lambda: _csv("text", *["ha " * (i * 10) for i in range(1, 60)]))


def _escapes() -> Iterator[Hostile]:
    bad = [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x9b31m",
        "</script><script>alert(1)</script>",
        "::error file=x::pwned",
        "%0A::error::x",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        "| a | b |",
        "`code` ```",
        "[link](javascript:alert(1))",
        "[bold]markup[/bold]",
        "\u202etxt.exe",
        "\u2066isolated\u2069",
        "zero\u200bwidth",
        "]]>",
        "&lt;b&gt;",
        "emoji 👩‍👩‍👧‍👦 🏳️‍🌈",
        "שלום עולם",
        "مرحبا",
        "日本語のテキスト",
        "a\u0300\u0301\u0302\u0303" * 50,
    ]
    rows = [f'"{value}","{value} ",{"ab"[i % 2]}' for i, value in enumerate(bad * 3)]
    yield Hostile("escapes.csv", lambda: _csv("text,other,label", *rows))
    yield Hostile(
        "escapes_as_labels.csv",
        lambda: _csv("x,label", *[f'{i},"{v}"' for i, v in enumerate(bad * 4)]),
    )
    names = ",".join(f'"{value}"' for value in bad)
    yield Hostile("escapes_as_names.csv", lambda: _csv(names, *[",".join(["1"] * len(bad))] * 9))
    yield Hostile("\x1b[31mred.csv", lambda: TABLE + b"1\n", 1)
    yield Hostile("emoji 🐍, comma::error::.csv", lambda: TABLE + b"1\n", 1)
    yield Hostile("שלום.csv", lambda: TABLE + b"1\n", 1)


def _other_formats() -> Iterator[Hostile]:
    yield Hostile("image_named.csv", _png, 2, "FIL001")
    yield Hostile("zip_named.csv", lambda: b"PK\x03\x04" + bytes(300), 2, "FIL001")
    yield Hostile("parquet_named.csv", lambda: _parquet(_frame()))
    yield Hostile("csv_named.parquet", lambda: TABLE, 2, "FIL001")
    yield Hostile("truncated.parquet", lambda: _parquet(_frame())[:-200], 2, "FIL001")
    yield Hostile("magic_only.parquet", lambda: b"PAR1PAR1", 2, "FIL001")
    yield Hostile("truncated.arrow", lambda: _arrow(_frame())[:-200])
    yield Hostile("no_rows.parquet", lambda: _parquet(_frame().head(0)))
    nested = pl.DataFrame({"l": [[1], [], None], "s": [{"a": 1}] * 3, "b": [b"\xff", b"", None]})
    yield Hostile("nested.parquet", lambda: _parquet(nested))
    yield Hostile("deep.json", lambda: DEEP)
    yield Hostile("deep.jsonl", lambda: b'{"a": ' + DEEP + b"}\n{}\n")
    lines = [b'{"a": 1}', b"{oops", b"[1]", b"null", b'{"a": "x"}', b'{"b": {"c": [1]}}', b'{"a"']
    yield Hostile("broken.jsonl", lambda: b"\n".join(lines), 1, "FIL008")
    yield Hostile("not_objects.jsonl", lambda: b"1\n2\n3\n")
    yield Hostile("scalar.json", lambda: b"42")
    yield Hostile("truncated.json", lambda: json.dumps([{"a": i} for i in range(99)]).encode()[:-9])
    yield Hostile("nan.jsonl", lambda: b'{"a": NaN}\n{"a": Infinity}\n{"a": 1e999}\n')
    yield Hostile("big_int.jsonl", lambda: b'{"a": 123456789012345678901234567890}\n{"a": 1}\n')
    yield Hostile("lone_surrogate.jsonl", lambda: b'{"a": "\\ud800"}\n{"a": "\\u0000"}\n')
    yield Hostile("same_key.jsonl", lambda: b'{"a": 1, "a": 2}\n' * 9)
    yield Hostile("many_keys.jsonl", lambda: b"".join(b'{"k%d": 1}\n' % i for i in range(1000)))
    yield Hostile("no_suffix", lambda: TABLE, 0)
    yield Hostile("unknown.suffix", lambda: TABLE)
