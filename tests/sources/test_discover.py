from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dataguard.errors import SourceError, UsageError
from dataguard.sources.discover import DatasetSource, discover

RECORDS = '{"a":1}\n{"a":2}\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RECORDS)


def found(*paths: str, test: str | None = None, validation: str | None = None) -> dict[str, object]:
    sets = discover(paths, test=test, validation=validation)
    assert len({source.name for source in sets}) == len(sets)
    return {source.name: dict(source.splits) for source in sets}


def test_each_path_is_a_data_set_of_its_own(here: Path) -> None:
    make(here, "b.csv", "a.jsonl")
    assert discover(["b.csv", "a.jsonl"]) == (
        DatasetSource("b.csv", {"train": "b.csv"}),
        DatasetSource("a.jsonl", {"train": "a.jsonl"}),
    )


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train.csv", "test.csv"], {"train": "train.csv", "test": "test.csv"}),
        (["test.csv", "train.csv"], {"train": "train.csv", "test": "test.csv"}),
        (["training.csv", "testing.csv.gz"], {"train": "training.csv", "test": "testing.csv.gz"}),
        (["TRAIN.CSV", "Dev.csv"], {"train": "TRAIN.CSV", "validation": "Dev.csv"}),
        (["train.csv", "valid.csv"], {"train": "train.csv", "validation": "valid.csv"}),
        (["train.csv", "val.jsonl"], {"train": "train.csv", "validation": "val.jsonl"}),
        (["train.csv", "eval.csv"], {"train": "train.csv", "validation": "eval.csv"}),
        (["validation.csv", "test.csv"], {"validation": "validation.csv", "test": "test.csv"}),
        (
            ["holdout.csv", "val.csv", "train.csv"],
            {"train": "train.csv", "validation": "val.csv", "test": "holdout.csv"},
        ),
        (
            ["train-00000-of-00001.parquet", "test-00000-of-00001.parquet"],
            {"train": "train-00000-of-00001.parquet", "test": "test-00000-of-00001.parquet"},
        ),
    ],
)
def test_names_of_splits_make_one_data_set(
    here: Path, names: list[str], splits: dict[str, str]
) -> None:
    make(here, *names)
    (source,) = discover(names)
    assert (source.name, list(source.splits.items())) == (".", list(splits.items()))


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("foo_train.csv", "foo_test.csv"),
        ("foo-train.csv", "foo.test.csv"),
        ("train_foo.csv", "test-foo.csv"),
        ("foo-train-00000.parquet", "foo-test-00000.parquet"),
    ],
)
def test_what_names_share_is_the_name_of_the_data_set(here: Path, train: str, test: str) -> None:
    make(here, f"data/{train}", f"data/{test}")
    given = (f"data/{train}", f"data/{test}")
    assert found(*given) == {"data/foo": {"train": given[0], "test": given[1]}}


@pytest.mark.parametrize(
    "names",
    [
        ["a/train.csv", "b/test.csv"],
        ["foo_train.csv", "bar_test.csv"],
        ["train.csv", "latest.csv"],
        ["train.csv", "other.csv"],
        ["trainer.csv", "test.csv"],
    ],
)
def test_other_names_stay_apart(here: Path, names: list[str]) -> None:
    make(here, *names)
    assert found(*names) == {name: {"train": name} for name in names}


def test_a_sibling_that_was_not_named_is_not_pulled_in(here: Path) -> None:
    make(here, "train.csv", "test.csv")
    assert found("train.csv") == {"train.csv": {"train": "train.csv"}}
    assert found("test.csv") == {"test.csv": {"train": "test.csv"}}


def test_a_split_that_is_taken_leaves_the_next_file_alone(here: Path) -> None:
    make(here, "train.csv", "val.csv", "dev.csv")
    assert found("train.csv", "val.csv", "dev.csv") == {
        ".": {"train": "train.csv", "validation": "val.csv"},
        "dev.csv": {"train": "dev.csv"},
    }


def test_a_path_named_twice_counts_once(here: Path) -> None:
    make(here, "a.csv")
    assert found("a.csv", "a.csv") == {"a.csv": {"train": "a.csv"}}


def test_a_directory_is_searched_for_splits_and_other_files(here: Path) -> None:
    make(here, "d/train.csv", "d/test.csv", "d/zoo.jsonl", "d/.hidden.csv", "d/README.md")
    make(here, "d/deeper/x.csv", "d/.git/x.csv")
    assert found("d") == {
        "d": {"train": "d/train.csv", "test": "d/test.csv"},
        "d/zoo.jsonl": {"train": "d/zoo.jsonl"},
    }


def test_directories_named_after_splits_hold_the_splits(here: Path) -> None:
    make(here, "d/train/part.csv", "d/test/other.csv", "d/validation/.hidden")
    assert found("d") == {"d": {"train": "d/train/part.csv", "test": "d/test/other.csv"}}


def test_files_of_one_name_in_split_directories_belong_together(here: Path) -> None:
    make(here, "d/train/a.csv", "d/train/b.csv", "d/test/a.csv", "d/test/b.csv")
    assert found("d") == {
        "d/a": {"train": "d/train/a.csv", "test": "d/test/a.csv"},
        "d/b": {"train": "d/train/b.csv", "test": "d/test/b.csv"},
    }


def test_a_configuration_in_a_directory_is_no_data(here: Path) -> None:
    make(here, "d/train.csv", "d/lines.json")
    (here / "d/dataset_info.json").write_text('{\n  "name": "x"\n}\n')
    (here / "d/one_line.json").write_text('{"name": "x"}')
    (here / "d/list.json").write_text('[{"a": 1}]')
    assert sorted(found("d")) == ["d/lines.json", "d/list.json", "d/train.csv"]


def test_a_directory_without_data_says_what_was_looked_for(here: Path) -> None:
    make(here, "d/README.md", "d/.hidden.csv")
    with pytest.raises(SourceError, match=r"d: holds no data file: looked for \.csv.*\.parquet"):
        discover(["d"])


def test_a_pattern_that_the_shell_left_alone_is_expanded(here: Path) -> None:
    make(here, "d/b.csv", "d/a.csv", "d/[x].csv")
    assert list(found("d/?.csv")) == ["d/a.csv", "d/b.csv"]
    assert list(found("d/[x].csv")) == ["d/[x].csv"]


def test_options_join_their_splits(here: Path) -> None:
    make(here, "a.csv", "b.csv", "c/d.csv")
    assert found("a.csv", test="b.csv", validation="c") == {
        "a.csv": {"train": "a.csv", "validation": "c/d.csv", "test": "b.csv"}
    }


def test_options_need_one_data_set(here: Path) -> None:
    make(here, "a.csv", "b.csv", "t.csv")
    with pytest.raises(UsageError, match=r"--test needs one data set, but the paths hold 2 \('a"):
        discover(["a.csv", "b.csv"], test="t.csv")


def test_an_option_does_not_replace_a_split(here: Path) -> None:
    make(here, "train.csv", "test.csv", "t.csv")
    with pytest.raises(UsageError, match=r"'\.' has a test split already"):
        discover(["train.csv", "test.csv"], test="t.csv")


def test_one_file_cannot_be_two_splits(here: Path) -> None:
    make(here, "a.csv")
    with pytest.raises(UsageError, match=r"a\.csv is the train split already"):
        discover(["a.csv"], test="./a.csv")


def test_standard_input_is_one_split() -> None:
    assert found("-") == {"-": {"train": "-"}}
    with pytest.raises(UsageError, match="can be only one split"):
        discover(["-"], test="-")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("trian.csv", "trian.csv: there is no such file; did you mean 'train.csv'?"),
        ("nowhere/x.csv", "there is no such file, nor its directory"),
        ("loop.csv", "is a symbolic link that points to itself"),
        ("https://example.org/x.csv", "is a URL: download the file first"),
        ("nul\0.csv", "is not a valid path"),
        ("x" * 5000, "cannot be read: File name too long"),
    ],
)
def test_a_path_that_leads_nowhere_says_so_in_one_line(here: Path, path: str, message: str) -> None:
    make(here, "train.csv")
    (here / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(SourceError) as raised:
        discover([path])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(SourceError):
        discover(["train.csv"], test=path)


def test_no_path_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="name at least one file or directory"):
        discover([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_says_so(here: Path) -> None:
    make(here, "d/a.csv")
    (here / "d").chmod(0)
    try:
        with pytest.raises(SourceError, match="permission denied"):
            discover(["d"])
    finally:
        (here / "d").chmod(0o700)


def stdin_table(data: bytes) -> str:
    code = (
        "from dataguard.sources import open_table; t = open_table('-');"
        "print(t.path, t.format, t.height, t.frame.collect_schema().names(), t.faults)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], input=data, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def test_standard_input_is_read_by_its_content() -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_parquet(buffer)
    arrow = io.BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_ipc_stream(arrow)
    assert stdin_table(buffer.getvalue()) == "- parquet 2 ['a'] ()"
    assert stdin_table(arrow.getvalue()) == "- arrow 2 ['a'] ()"
    assert stdin_table(RECORDS.encode()) == "- jsonl 2 ['a'] ()"
    assert stdin_table(RECORDS.encode("utf-16")) == "- jsonl 2 ['a'] ()"
    assert stdin_table(b"a,b\n1,2\n3,4\n") == "- csv 2 ['a', 'b'] ()"
