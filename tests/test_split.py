"""`dataguard split`: the parts that it makes, and that lint finds no leak in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Run

from dataguard.errors import UsageError
from dataguard.python import lint
from dataguard.splitting.assign import Unions, at_random, by_time, purged
from dataguard.splitting.engine import parse_ratio

SIZE_ALONE = {"SPL002", "SPL005"}
"""What lint says of any hold-out of so few rows, however it was chosen."""


def _sklearn(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{name}")()
        names = [str(n).replace(" ", "_") for n in bunch.feature_names]
        frame = pl.DataFrame(bunch.data, schema=names)
        labels = [str(bunch.target_names[i]) for i in bunch.target]
        frame.with_columns(pl.Series("label", labels)).write_csv(folder / f"{name}.csv")
        return folder / f"{name}.csv"

    return write


def _support(folder: Path) -> Path:
    root = Path(__file__).parent.parent / "examples" / "support"
    text = (root / "train.csv").read_text(encoding="utf-8")
    path = folder / "tickets.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _reviews(folder: Path) -> Path:
    """Reviews by users, with exact copies, copies but for case, and copies but for a word."""
    random = Random(7)
    words = ("plot", "acting", "music", "ending", "camera", "story", "pace", "cast", "light")
    more = ("was", "is", "felt", "seemed", "rather", "quite", "never", "almost", "dull", "fine")
    rows = []
    for i in range(600):
        label = "good" if i % 3 else "bad"
        text = " ".join(random.choice((words, more)[k % 2]) for k in range(24)) + f" number {i}"
        rows.append((f"u{random.randrange(150)}", text, label))
    for i in range(0, 120, 3):
        user, text, label = rows[i]
        copy = (text, text.upper(), text.replace("number", "no."))[i // 3 % 3]
        rows.append((user if i % 2 else f"u{random.randrange(150)}", copy, label))
    random.shuffle(rows)
    path = folder / "reviews.csv"
    frame = pl.DataFrame(rows, schema=["user_id", "review", "label"], orient="row")
    frame.write_csv(path)
    return path


DATA: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "support": (_support, ["--label", "topic"]),
    "iris": (_sklearn("iris"), ["--label", "label"]),
    "wine": (_sklearn("wine"), ["--label", "label"]),
    "breast_cancer": (_sklearn("breast_cancer"), ["--label", "label"]),
    "reviews": (_reviews, ["--label", "label", "--group", "user_id"]),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("ratio", ["0.8/0.1/0.1", "70/30"])
def test_the_parts_pass_the_checks_for_leakage_and_splits(
    name: str, ratio: str, tmp_path: Path, dataguard: Run
) -> None:
    write, options = DATA[name]
    path = write(tmp_path)
    done = dataguard("split", path, "--ratio", ratio, "-o", "out", *options)
    assert (done.returncode, done.stderr) == (0, b"")
    parts = {p.stem: str(p) for p in (tmp_path / "out").iterdir()}
    given: dict[str, Any] = {
        options[i].removeprefix("--"): options[i + 1] for i in range(0, len(options), 2)
    }
    report = lint(
        parts["train"], parts["test"], parts.get("validation"), select=("LEK", "SPL"), **given
    )
    found = [f.message for f in report.findings if f.severity > 1 and f.code not in SIZE_ALONE]
    assert found == []
    assert {o.code for o in report.outcomes if o.status == "crashed"} == set()


def test_every_row_is_in_one_part_byte_for_byte_and_in_its_order(
    tmp_path: Path, dataguard: Run
) -> None:
    rows = [f'"{i}","two\nlines of ""{i}""",{"ab"[i % 2]}\r\n' for i in range(90)]
    (tmp_path / "a.csv").write_bytes(("id,text,label\r\n" + "".join(rows)).encode())
    done = dataguard("split", "a.csv", "-o", "out", "--label", "label", "--seed", "3")
    assert done.returncode == 0
    taken = []
    for name in ("train", "validation", "test"):
        text = (tmp_path / "out" / f"{name}.csv").read_bytes().decode()
        assert text.startswith("id,text,label\r\n")
        mine = [row for row in rows if row in text]
        assert text == "id,text,label\r\n" + "".join(mine)
        taken += mine
    assert sorted(rows) == sorted(taken)


def test_the_seed_decides_and_the_order_of_rows_does_not(tmp_path: Path, dataguard: Run) -> None:
    rows = [f"{i * 37 % 101}.5,{i * 53 % 97},{'ab'[i % 2]}\n" for i in range(90)]
    (tmp_path / "a.csv").write_text("x,y,label\n" + "".join(rows))
    (tmp_path / "b.csv").write_text("x,y,label\n" + "".join(reversed(rows)))
    tests = []
    for out, data, seed in (("1", "a", 0), ("2", "a", 0), ("3", "b", 0), ("4", "a", 1)):
        assert dataguard("split", f"{data}.csv", "-o", out, "--seed", seed).returncode == 0
        tests.append((tmp_path / out / "test.csv").read_text().splitlines())
    assert tests[0] == tests[1]
    assert sorted(tests[0]) == sorted(tests[2])
    assert sorted(tests[0]) != sorted(tests[3])


def test_json_lines_and_parquet_are_divided_into_files_of_their_kind(
    tmp_path: Path, dataguard: Run
) -> None:
    records = [{"x": i * 37 % 101, "label": "ab"[i % 2], "n": [i]} for i in range(60)]
    lines = [json.dumps(r) + "\n" for r in records]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    pl.DataFrame(records).write_parquet(tmp_path / "a.parquet")
    for suffix in ("jsonl", "parquet"):
        done = dataguard("split", f"a.{suffix}", "-o", suffix, "--ratio", "75/25")
        assert done.returncode == 0, done.stderr
    parts = [(tmp_path / "jsonl" / f"{n}.jsonl").read_text() for n in ("train", "test")]
    assert sorted(lines) == sorted("".join(parts).splitlines(keepends=True))
    assert len(pl.read_parquet(tmp_path / "parquet" / "test.parquet")) == 15


def test_with_a_time_the_oldest_rows_train_and_copies_across_the_cut_are_left_out(
    tmp_path: Path, dataguard: Run
) -> None:
    rows = [
        f"2024-{i // 28 + 1:02}-{i % 28 + 1:02},value {i * 37 % 311} of the day\n"
        for i in range(100)
    ]
    copy = "2024-04-16,value 0 of the day\n"
    (tmp_path / "a.csv").write_text(
        "day,text\n" + "".join(rows) + "2023-12-31," + copy.partition(",")[2] + copy
    )
    done = dataguard(
        "split", "a.csv", "-o", "out", "--time", "day", "--ratio", "0.8/0.2", "--text", "text"
    )
    assert done.returncode == 0, done.stdout
    train, test, out = (
        (tmp_path / "out" / f"{n}.csv").read_text().splitlines()[1:]
        for n in ("train", "test", "left-out")
    )
    assert max(train) < min(test)
    assert copy.strip() in test
    assert sorted(out) == ["2023-12-31,value 0 of the day", "2024-01-01,value 0 of the day"]
    assert b"2 rows are copies" in done.stderr


def test_rows_whose_time_cannot_be_read_are_told(tmp_path: Path, dataguard: Run) -> None:
    rows = [f"2024-{i // 28 + 1:02}-{i % 28 + 1:02},{i * 37 % 311}.5\n" for i in range(100)]
    (tmp_path / "a.csv").write_text("day,x\n" + "".join(rows) + "soon,7.25\n")
    done = dataguard("split", "a.csv", "-o", "out", "--time", "day", "--ratio", "0.8/0.2")
    assert "soon,7.25" in (tmp_path / "out" / "train.csv").read_text()
    assert done.stderr == b"note: 1 row of train: the time cannot be read there\n"


def test_groups_with_rows_at_all_times_cannot_be_cut_by_time(
    tmp_path: Path, dataguard: Run
) -> None:
    rows = [f"2024-{i // 28 + 1:02}-{i % 28 + 1:02},s{i % 3},{i}.5\n" for i in range(99)]
    (tmp_path / "a.csv").write_text("day,sensor,x\n" + "".join(rows))
    done = dataguard("split", "a.csv", "-o", "out", "--time", "day", "--group", "sensor")
    assert done.returncode == 2
    assert b"they have rows in later parts too: leave out --group or --time" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.csv", "-o", "out", "--ratio", "0.8/0.1"], b"the shares add up to 0.9"),
        (["a.csv", "-o", "out", "--ratio", "1/0/0"], b"two or three positive shares"),
        (["a.csv", "-o", "out", "--ratio", "a/b"], b"two or three positive shares"),
        (["a.csv", "-o", "out", "--ratio", "nan/0.5"], b"two or three positive shares"),
        (["a.csv", "-o", "out", "--label", "lable"], b"did you mean 'label'"),
        (["a.csv", "-o", "out", "--time", "label"], b"are read as no time"),
        (["a.csv", "-o", "out", "--group", "label"], b"no row is left for validation"),
        (["a.csv", "-o", "a.csv"], b"is a file; name a directory"),
        (["b.csv", "-o", "out"], b"there is no such file"),
        (["train.csv", "-o", "."], b"would overwrite the input"),
        (["empty.csv", "-o", "out"], b"empty"),
    ],
)
def test_what_cannot_be_divided_is_told_in_one_line(
    arguments: list[str], told: bytes, tmp_path: Path, dataguard: Run
) -> None:
    rows = "".join(f"{i * 37 % 101}.5,{'ab'[i % 2]}\n" for i in range(40))
    for name in ("a.csv", "train.csv"):
        (tmp_path / name).write_text("x,label\n" + rows)
    (tmp_path / "empty.csv").write_text("")
    done = dataguard("split", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "out").exists()


def test_classes_get_their_share_of_every_part_to_a_row() -> None:
    classes = np.array([0] * 70 + [1] * 20 + [2] * 10)
    part = at_random(
        np.arange(100), classes, (0.8, 0.1, 0.1), np.random.default_rng(0).permutation(100)
    )
    assert np.bincount(part).tolist() == [80, 10, 10]
    for number, size in enumerate((70, 20, 10)):
        mine = np.bincount(part[classes == number], minlength=3)
        assert mine.tolist() == [size * 8 // 10, size // 10, size // 10]


def test_rare_classes_even_out_the_sizes_and_train_has_a_row_of_each() -> None:
    classes = np.concatenate([np.arange(200) % 60, [60] * 100])
    order = np.random.default_rng(0).permutation(300)
    part = at_random(np.arange(300), classes, (0.8, 0.1, 0.1), order)
    assert np.abs(np.bincount(part) - [240, 30, 30]).max() <= 1
    assert np.bincount(part[classes == 60]).tolist() == [80, 10, 10]
    assert set(classes[part == 0].tolist()) == set(range(61))
    alone = at_random(np.arange(200), np.arange(200), (0.8, 0.1, 0.1), order[:200].argsort())
    assert np.bincount(alone).tolist() == [160, 20, 20]


def test_units_stay_whole_whatever_their_size() -> None:
    units = np.repeat(np.arange(12), [30, 20, 10, 10, 5, 5, 5, 5, 4, 3, 2, 1])
    part = at_random(units, units % 2, (0.7, 0.3), np.arange(100))
    assert all(len(set(part[units == unit].tolist())) == 1 for unit in range(12))
    assert 60 <= int((part == 0).sum()) <= 80


def test_rows_of_one_time_stay_together_and_unknown_times_train() -> None:
    times = np.array([1, 2, 2, 2, 3, 4, 5, 6, 7, np.nan])
    assert by_time(times, (0.5, 0.5)).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 0]


def test_what_a_later_part_knows_is_taken_out_of_the_earlier_ones() -> None:
    part, units = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 4])
    assert purged(part, units).tolist() == [-1, -1, 1, 2, 2]


def test_rows_that_are_joined_pair_by_pair_are_one_unit() -> None:
    unions = Unions(5)
    assert unions.join([1, 2])
    assert unions.join([4, 2])
    assert not unions.join([1, 4])
    assert unions.units().tolist() == [0, 1, 1, 3, 1]


def test_shares_may_be_percentages() -> None:
    assert parse_ratio("80/10/10") == (0.8, 0.1, 0.1)
    with pytest.raises(UsageError, match=r"add up to 1\.5"):
        parse_ratio("0.8/0.7")
