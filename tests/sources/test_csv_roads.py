"""The fast road and the careful road read the same table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from dataguard.errors import SourceError
from dataguard.sources.csv import careful_road, fast_road, read_csv
from dataguard.sources.csv_bytes import Raw
from dataguard.sources.csv_scan import scan
from dataguard.sources.dialect import survey
from dataguard.sources.table import Table

CELLS = st.one_of(
    st.text(alphabet='ab1,;"\n é\t|', max_size=6),
    st.sampled_from(["", "12", "2024-01-05", "x\r\ny", '"', "🙂", " a "]),
)


def raw_of(data: bytes) -> Raw:
    return Raw("data.csv", None, data, len(data))


def contents(table: Table) -> tuple[object, ...]:
    """All that a table says, with lines spelled out."""
    frame = table.frame.collect()
    lines = [table.lines.of(i) for i in range(table.height)]
    return frame.columns, frame.rows(), table.height, lines, table.faults, dict(table.dialect)


def write(rows: list[list[str]], quoting: int, end: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12))
    names = [f"name {i}" for i in range(width)]
    quoting = draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    return write([names, *rows], quoting, draw(st.sampled_from(["\n", "\r\n"])))


@settings(max_examples=300, deadline=None)
@given(tables())
def test_a_well_written_table_is_the_same_on_both_roads(data: bytes) -> None:
    careful = careful_road(raw_of(data), data, tabs=False)
    fast = fast_road(raw_of(data), data, tabs=False)
    if fast is not None:
        assert contents(fast) == contents(careful)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a", "1", " ", ",", ",", ",", '"', '"', '""', "\n", "\n", "\r\n", "\r", "é", "\\", ";"]
        ),
        min_size=1,
        max_size=60,
    )
)
@example(["a", ",", "b", "\n", '""', ",", '"', "\n", '"', "\n"])
@example(["a", "\n", "1", "\n", "\n", "2", "\n"])
@example(["a", ",", "b", "\n", "1", ",", "2", "\r"])
def test_whatever_the_fast_road_accepts_it_reads_like_the_careful_one(parts: list[str]) -> None:
    data = "".join(parts).encode()
    assume(data.strip())
    fast = fast_road(raw_of(data), data, tabs=False)
    if fast is not None:
        assert contents(fast) == contents(careful_road(raw_of(data), data, tabs=False))


ODD_LINES = st.sampled_from(
    [
        '{0},"a",{0}',
        '{0},",{0}',
        '{0},"a\nb, c",{0}',
        '{0},"a\n7,b,8\nc",{0}',
        '{0},b,"',
        '"\n{0},x,1"',
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.just("{0},abc,{0}"), ODD_LINES), min_size=4, max_size=14))
def test_both_roads_agree_on_what_swallows_a_record(lines: list[str]) -> None:
    data = "\n".join(["id,text,n", *(x.format(i) for i, x in enumerate(lines))]).encode()
    fast = fast_road(raw_of(data), data, tabs=False)
    if fast is not None:
        assert contents(fast) == contents(careful_road(raw_of(data), data, tabs=False))


@settings(max_examples=200, deadline=None)
@given(tables(), st.integers(1, 40))
def test_the_scan_does_not_depend_on_where_blocks_are_cut(data: bytes, chunk: int) -> None:
    plan = survey(data.decode())
    assert scan(raw_of(data), plan, chunk=chunk) == scan(raw_of(data), plan)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_random_bytes_give_a_table_or_an_error_of_ours(data: bytes) -> None:
    try:
        table = read_csv(None, data, name="-")
    except SourceError:
        return
    assert table.frame.collect().height == table.height


def test_a_regular_file_takes_the_fast_road(tmp_path: Path) -> None:
    rows = [["id", "text"], *([str(i), f"line {i}\nand, more"] for i in range(200))]
    data = write(rows, csv.QUOTE_ALL, "\n")
    table = fast_road(raw_of(data), data, tabs=False)
    assert table is not None
    assert table.frame.collect().rows() == [tuple(r) for r in rows[1:]]
    assert [table.lines.of(i) for i in (0, 1, 199)] == [2, 4, 400]


def test_a_large_file_is_read_lazily_and_a_large_faulty_one_all_the_same(tmp_path: Path) -> None:
    rows = [f"{i},some words of text number {i},{i % 7}" for i in range(150_000)]
    path = tmp_path / "large.csv"
    path.write_text("\n".join(["id,text,label", *rows]) + "\n")
    sound = read_csv(path, name="large.csv")
    assert (sound.height, sound.faults) == (150_000, ())
    expected = sound.frame.collect()
    rows[100_000] += ",extra"
    path.write_text("\n".join(["id,text,label", *rows]) + "\n")
    faulty = read_csv(path, name="large.csv")
    assert [(f.kind.value, tuple(f.lines), tuple(f.rows)) for f in faulty.faults] == [
        ("ragged", (100_002,), (100_000,))
    ]
    assert faulty.frame.collect().equals(expected)
