"""Finds the character encoding of a text file and decodes it block by block."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z]")
_HIGH_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")

# Encodings told apart by charset-normalizer; with fewer high bytes than this its answer is a guess
# among neighbours, and cp1252, by far the most common legacy encoding of CSV exports, is taken.
_ENOUGH_TO_TELL = 24
_LEGACY = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "koi8_r",
    "cp932",
    "gb18030",
    "big5",
    "euc_kr",
    "euc_jp",
)
# Letters of Central European languages (ą ł ż ś š ž …) that are signs or rare letters in cp1252.
_CENTRAL = re.compile(rb"[A-Za-z\xc0-\xff][\xb9\xb3\xbf\x9a\x9c\x9d\x9e\x9f]")
_CENTRAL_SHARE = 0.1  # of the bytes above 127, below which a file is western European
_NOT_LATIN = 0.05  # share of bytes above 127 among the letters of lines that have some
# What real cp1252 text uses besides letters: typographic quotes, dashes, currency, fractions …
_CP1252_SIGNS = "‘’‚“”„–—…•‹›«»€£¥¢©®™°±²³¹µ·½¼¾§¶¿¡ªº´¨\u00a0\u00ad×÷"
_RARE_LETTERS = "ÿþÞðÐ"


class Encoding(msgspec.Struct, frozen=True):
    """How bytes become text.

    Attributes:
        name: The codec's name, "utf-8", "utf-16-le", "cp1252" …
        bom: Number of bytes of the byte-order mark at the front.
        broken: True where some bytes are invalid in this encoding.
        newline: What ends a line: "\\n" (also after "\\r"), or "\\r" where "\\r" alone does.
    """

    name: str
    bom: int = 0
    broken: bool = False
    newline: str = "\n"


def detect(head: bytes, blocks: Callable[[], Iterable[bytes]]) -> Encoding | None:
    """The encoding of a text file; None where `head` is binary.

    Args:
        head: The first bytes, up to a megabyte.
        blocks: Gives all bytes, front to back, as often as it is called.
    """
    name, bom = _by_mark(head)
    if not name:
        name = _utf16_without_mark(head)
    if name:
        newline = _newline(head[bom:].decode(name, "ignore"))
        return Encoding(name, bom, not _valid(blocks(), name), newline)
    if looks_binary(head):
        return None
    newline = _newline(head.decode("latin-1"))
    if _valid(blocks(), "utf-8"):
        return Encoding("utf-8", bom, False, newline)
    name = _legacy(blocks)
    return Encoding(name, bom, not _valid(blocks(), name), newline)


def utf8_head(head: bytes) -> Encoding | None:
    """UTF-8 where `head`, which may end inside a character, is valid text; else None."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    bom = 3 if head.startswith(codecs.BOM_UTF8) else 0
    return Encoding("utf-8", bom, False, _newline(head.decode("latin-1")))


def looks_binary(head: bytes) -> bool:
    """True for bytes that are no text in any 8-bit encoding: NULs or control bytes abound."""
    if not head:
        return False
    if head.count(0) > 0.3 * len(head):
        return True
    controls = len(head) - len(head.translate(None, bytes([*range(1, 9), *range(14, 27), 28, 127])))
    return controls >= 8 and controls > 0.05 * len(head)


def decode(blocks: Iterable[bytes], encoding: Encoding, bad_lines: list[int]) -> Iterator[str]:
    """Text blocks with "\\n" as the only line end that counts ("\\r\\n" stays as it is).

    Args:
        bad_lines: Receives the 1-based number of each line that held invalid bytes; these
            become U+FFFD.
    """
    if not encoding.broken:
        text = _decode_plain(blocks, encoding)
    elif encoding.name == "utf-8" and encoding.newline == "\n":
        text = _decode_lines(_without_mark(blocks, encoding.bom), bad_lines)
    else:
        text = _newlines(_decode_plain(blocks, encoding), encoding)
        yield from _note_replaced(text, bad_lines)
        return
    yield from _newlines(text, encoding)


def _by_mark(head: bytes) -> tuple[str, int]:
    marks = (
        (codecs.BOM_UTF8, ""),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    )
    return next(((name, len(mark)) for mark, name in marks if head.startswith(mark)), ("", 0))


def _utf16_without_mark(head: bytes) -> str:
    """UTF-16 shows as NULs at every other byte (the high half of Latin letters and commas)."""
    sample = head[: min(len(head), 1 << 16) // 2 * 2]
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for name, nulls, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nulls >= 0.4 * half or (nulls >= 16 and nulls >= 0.05 * half):
            text = sample.decode(name, "replace")
            if others <= nulls / 20 and text.count("\ufffd") <= len(text) // 50:
                return name
    return ""


def _newline(text: str) -> str:
    """ "\\r" where carriage returns alone end the lines of `text`."""
    feeds = text.count("\n")
    lone = text.count("\r") - text.count("\r\n")
    return "\r" if lone > feeds else "\n"


def _valid(blocks: Iterable[bytes], name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(blocks: Callable[[], Iterable[bytes]]) -> str:
    """The encoding of bytes that are not all valid UTF-8: "utf-8" where only a few are broken."""
    good, bad = _count_utf8(blocks())
    # An accidental UTF-8 sequence is rare in 8-bit text, so a few real ones outweigh bad bytes.
    if good and (bad <= 20 or good > bad):
        return "utf-8"
    lines = _high_lines(blocks())
    high = len(_HIGH.findall(lines))
    if high < _ENOUGH_TO_TELL:
        return "cp1252" if _plausible_cp1252(lines) else "utf-8"
    import charset_normalizer

    best = charset_normalizer.from_bytes(lines, cp_isolation=list(_LEGACY)).best()
    western = "cp1252" if _valid([lines], "cp1252") else "latin-1"
    if best is None or str(best) == lines.decode(western):
        return western
    latin = str(best.encoding) == "cp1250"
    if latin and len(_CENTRAL.findall(lines)) < _CENTRAL_SHARE * high:
        return western
    # A few odd bytes among Latin letters are damage, not Greek, Russian or Japanese.
    letters = len(_LETTER.findall(lines)) + high
    return str(best.encoding) if latin or high >= _NOT_LATIN * letters else western


def _count_utf8(blocks: Iterable[bytes]) -> tuple[int, int]:
    """Bytes above 127 that are part of valid UTF-8 sequences, and bytes that are not."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    high = kept = 0
    for block in blocks:
        high += len(block.translate(None, _ASCII))
        kept += len(decoder.decode(block).encode("utf-8").translate(None, _ASCII))
    return kept, high - kept


def _high_lines(blocks: Iterable[bytes], most: int = 1 << 15) -> bytes:
    """Lines with bytes above 127, about `most` bytes of them."""
    found: list[bytes] = []
    size = 0
    for block in blocks:
        for match in _HIGH_LINE.finditer(block):
            found.append(match[0][:2000])
            size += len(found[-1])
            if size >= most:
                return b"\n".join(found)
    return b"\n".join(found)


def _plausible_cp1252(lines: bytes) -> bool:
    """True where the bytes above 127 read as letters in words or as signs that text uses."""
    try:
        text = lines.decode("cp1252")
    except UnicodeDecodeError:
        return False
    for match in re.finditer(r"[^\x00-\x7f]", text):
        char, at = match[0], match.start()
        if char in _CP1252_SIGNS:
            continue
        around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        beside_letter = any(c.isalpha() and c.isascii() for c in around)
        if not char.isalpha() or not beside_letter or char in _RARE_LETTERS:
            return False
    return True


def _without_mark(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for block in blocks:
        if size:
            block, size = block[size:], max(size - len(block), 0)
        yield block


def _decode_plain(blocks: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    for block in _without_mark(blocks, encoding.bom):
        yield decoder.decode(block)
    yield decoder.decode(b"", True)


def _decode_lines(blocks: Iterable[bytes], bad_lines: list[int]) -> Iterator[str]:
    """Decode UTF-8 whole line by whole line, noting the lines that are not valid."""
    line = 1
    carried: list[bytes] = []
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end:
            carried.append(block)
            continue
        whole = b"".join([*carried, block[:end]])
        carried = [block[end:]]
        yield _decode_whole_lines(whole, line, bad_lines)
        line += whole.count(b"\n")
    yield _decode_whole_lines(b"".join(carried), line, bad_lines)


def _decode_whole_lines(whole: bytes, first: int, bad_lines: list[int]) -> str:
    try:
        return whole.decode("utf-8")
    except UnicodeDecodeError:
        lines = whole.split(b"\n")
    decoded: list[str] = []
    for number, line in enumerate(lines, first):
        text = line.decode("utf-8", "replace")
        if "\ufffd" in text and text.encode("utf-8") != line:
            bad_lines.append(number)
        decoded.append(text)
    return "\n".join(decoded)


def _note_replaced(blocks: Iterable[str], bad_lines: list[int]) -> Iterator[str]:
    line = 1
    for block in blocks:
        seen = 0
        while (at := block.find("\ufffd", seen)) >= 0:
            line += block.count("\n", seen, at)
            if not bad_lines or bad_lines[-1] != line:
                bad_lines.append(line)
            end = block.find("\n", at)
            seen = end if end >= 0 else len(block)
        line += block.count("\n", seen)
        yield block


def _newlines(blocks: Iterable[str], encoding: Encoding) -> Iterator[str]:
    """Where "\\r" alone ends lines, make each line end "\\n"."""
    if encoding.newline == "\n":
        yield from blocks
        return
    held = ""
    for block in blocks:
        text = held + block
        # "\r" at a block's end may be the first half of "\r\n".
        held = "\r" if text.endswith("\r") else ""
        yield text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
    yield held.replace("\r", "\n")
