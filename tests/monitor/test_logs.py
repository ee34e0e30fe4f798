"""The readers of logs: every kind, whole and in pieces, good and bad."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataguard.errors import DataguardError, SourceError, UsageError
from dataguard.monitor.logs.columns import Columns, Given, Reading, Roles, chosen, parse
from dataguard.monitor.logs.delimited import Delimited
from dataguard.monitor.logs.detect import Part, parts_of, reader_of
from dataguard.monitor.logs.document import Document
from dataguard.monitor.logs.jsonlines import JsonLines
from dataguard.monitor.logs.pattern import Pattern
from dataguard.monitor.logs.rows import Reader, Row
from dataguard.monitor.logs.tail import Tail
from dataguard.monitor.logs.tensorboard import TensorBoard, masked_crc
from dataguard.monitor.logs.text import Text

KERAS = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.9,0.4,1.0\n1,0.6,0.8,0.5,0.9\n"
LIGHTNING = (
    "epoch,step,train_acc,train_loss_epoch,train_loss_step,val_loss\n"
    "0,4,0.62,,0.62,\n0,9,,,,0.83\n0,9,,1.08,,\n1,14,0.51,,0.51,\n1,19,,,,0.61\n1,19,,0.72,,\n"
)
YOLO = (
    "                  epoch,         train/box_loss,         train/cls_loss,"
    "         metrics/precision(B),           val/box_loss,           val/cls_loss,"
    "                 lr/pg0\n"
    "                      1,                    1.5,                    2.5,"
    "                      0.1,                    1.25,                    2.25,"
    "                   0.01\n"
)
XGBOOST = "[0]\ttrain-logloss:0.47\ttrain-auc:0.96\tvalid-logloss:0.57\tvalid-auc:0.78\n"
LIGHTGBM = (
    "[LightGBM] [Info] Number of positive: 38, number of negative: 42\n"
    "[1]\ttraining's binary_logloss: 0.6\tvalid_1's binary_logloss: 0.65\n"
)
CATBOOST = (
    "Learning rate set to 0.1\n"
    "0:\tlearn: 0.70\ttest: 0.73\tbest: 0.73 (0)\ttotal: 47.8ms\tremaining: 526ms\n"
    "1:\tlearn: 0.60\ttest: 0.81\tbest: {best} ({at})\ttotal: 48.6ms\tremaining: 243ms\n"
)


def readings(path: Path, given: Given | None = None, pattern: str | None = None) -> list[Reading]:
    columns = Columns(str(path), given)
    found = [r for rows in Tail(path, pattern).whole() for r in columns.readings(rows)]
    columns.require()
    return found


def told(found: list[Reading]) -> list[tuple[int | None, float | None, dict[str, float]]]:
    return [(r.step, r.train, r.val) for r in found if r.train is not None or r.val]


@pytest.fixture
def log(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


Log = Callable[[str, str | bytes], Path]


# Kinds


def test_a_keras_csv_log_gives_losses_and_metrics(log: Log) -> None:
    found = readings(log("training.log", KERAS))
    assert told(found) == [(0, 0.9, {"val_loss": 1.0}), (1, 0.8, {"val_loss": 0.9})]
    assert found[0].metrics == {"accuracy": 0.5, "val_accuracy": 0.4}
    assert [r.line for r in found] == [2, 3]


def test_lightnings_rows_of_training_and_validation_are_told_apart(log: Log) -> None:
    assert told(readings(log("metrics.csv", LIGHTNING))) == [
        (9, None, {"val_loss": 0.83}),
        (9, 1.08, {}),
        (19, None, {"val_loss": 0.61}),
        (19, 0.72, {}),
    ]


def test_yolos_parts_are_added_up_per_split(log: Log) -> None:
    (found,) = readings(log("results.csv", YOLO))
    assert (found.step, found.train, found.val) == (1, 4.0, {"val_loss": 3.5})
    assert found.metrics == {"metrics/precision(B)": 0.1, "learning_rate": 0.01}


def test_json_lines_like_hugging_faces_are_read(log: Log) -> None:
    lines = [
        {"loss": 0.5, "grad_norm": 1.5, "learning_rate": 5e-5, "epoch": 0.5, "step": 10},
        {"eval_loss": 0.6, "eval_accuracy": 0.7, "epoch": 0.5, "step": 10},
        {"train_runtime": 3.0, "train_loss": 0.55, "step": 10},
    ]
    path = log("log.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    found = readings(path)
    assert told(found) == [(10, 0.5, {}), (10, None, {"eval_loss": 0.6})]
    assert found[0].metrics == {"grad_norm": 1.5, "learning_rate": 5e-5, "epoch": 0.5}


def test_a_share_of_an_epoch_is_no_step(log: Log) -> None:
    path = log("log.jsonl", '{"loss": 0.5, "epoch": 0.5}\n{"loss": 0.4, "epoch": 1.0}\n')
    assert told(readings(path)) == [(None, 0.5, {}), (None, 0.4, {})]


def test_the_state_of_hugging_faces_trainer_is_read(log: Log) -> None:
    history = [{"loss": 0.5, "step": 5}, {"eval_loss": math.nan, "step": 5}]
    state = {"best_metric": None, "log_history": history, "stateful_callbacks": {"a": {"b": 1}}}
    for text in (json.dumps(state), json.dumps(state, indent=2)):
        first, second = readings(log("trainer_state.json", text))
        assert (first.step, first.train) == (5, 0.5)
        assert math.isnan(second.val["eval_loss"])


def test_histories_of_keras_and_xgboost_are_read(log: Log) -> None:
    keras = {"loss": [0.5, 0.4], "val_loss": [0.6, 0.5]}
    expected = [(0, 0.5, {"val_loss": 0.6}), (1, 0.4, {"val_loss": 0.5})]
    assert told(readings(log("history.json", json.dumps(keras)))) == expected
    xgboost = {"train": {"rmse": [0.5, 0.4]}, "valid": {"rmse": [0.6, 0.5]}}
    expected = [(0, 0.5, {"valid/rmse": 0.6}), (1, 0.4, {"valid/rmse": 0.5})]
    assert told(readings(log("evals.json", json.dumps(xgboost, indent=1)))) == expected


def test_a_list_of_records_is_read(log: Log) -> None:
    records = [{"step": 3, "train_loss": 0.5, "val": {"loss": 0.6}}]
    assert told(readings(log("a.json", json.dumps(records)))) == [(3, 0.5, {"val/loss": 0.6})]


def test_xgboosts_lines_are_read(log: Log) -> None:
    (found,) = readings(log("xgb.log", XGBOOST))
    assert (found.step, found.train, found.val) == (0, 0.47, {"valid-logloss": 0.57})
    assert found.metrics == {"train-auc": 0.96, "valid-auc": 0.78}


def test_the_first_numbered_set_of_xgboosts_estimators_is_training(log: Log) -> None:
    line = "[0]\tvalidation_0-rmse:0.4\tvalidation_1-rmse:0.5\n"
    assert told(readings(log("a.log", line))) == [(0, 0.4, {"validation_1-rmse": 0.5})]


def test_lightgbms_lines_are_read_among_others(log: Log) -> None:
    assert told(readings(log("lgb.log", LIGHTGBM))) == [(1, 0.6, {"valid_1-binary_logloss": 0.65})]


@pytest.mark.parametrize(("best", "at", "name"), [(0.81, 1, "score"), (0.73, 0, "loss")])
def test_the_best_value_tells_whether_catboosts_metric_is_maximised(
    log: Log, best: float, at: int, name: str
) -> None:
    path = log("cat.log", CATBOOST.format(best=best, at=at))
    columns = Columns(str(path))
    found = [r for rows in Tail(path).whole() for r in columns.readings(rows)]
    assert [(r.step, r.val) for r in found if r.val] == [
        (0, {f"test-{name}": 0.73}),
        (1, {f"test-{name}": 0.81}),
    ]
    assert columns.mode == ("max" if name == "score" else "min")


def test_catboosts_json_log_is_read(log: Log) -> None:
    document = {
        "meta": {
            "test_sets": ["test"],
            "test_metrics": [{"best_value": "Max", "name": "AUC"}, {"name": "Logloss"}],
            "learn_metrics": [{"best_value": "Min", "name": "Logloss"}],
        },
        "iterations": [{"learn": [0.68], "iteration": 0, "test": [0.73, 0.69], "passed_time": 1.0}],
    }
    (found,) = readings(log("catboost_training.json", json.dumps(document)))
    assert (found.step, found.train, found.val) == (0, 0.68, {"test-Logloss": 0.69})


def test_catboosts_two_tables_are_one_log(log: Log) -> None:
    log("learn_error.tsv", "iter\tLogloss\n0\t0.68\n1\t0.66\n")
    path = log("test_error.tsv", "iter\tAUC\tLogloss\n0\t0.7\t0.69\n1\t0.8\t0.67\n")
    assert told(readings(path)) == [
        (0, 0.68, {}),
        (0, None, {"test-Logloss": 0.69}),
        (1, 0.66, {}),
        (1, None, {"test-Logloss": 0.67}),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "epoch 3 loss: 0.5 val_loss: 0.6",
        "Epoch 3/10 - loss: 0.5 - val_loss: 0.6",
        "INFO 12:30:01 epoch=3 train_loss=0.5 val_loss=0.6 lr=1e-3",
        "Epoch: 3, train loss: 0.5, val loss: 0.6",
        "{'epoch': 3, 'loss': '0.5', 'eval_loss': '6e-1'}",
        "garbage\rEpoch 3: 50%|##  | loss: 0.9\rEpoch 3: loss: 0.5, validation loss: 0.6",
    ],
)
def test_lines_of_other_loops_are_read(log: Log, line: str) -> None:
    ((step, train, val),) = told(readings(log("a.log", f"starting\n{line}\ndone\n")))
    assert (step, train, list(val.values())) == (3, 0.5, [0.6])


def test_an_epoch_named_before_its_losses_is_their_step(log: Log) -> None:
    text = "Epoch 1/2\n32/32 - 0s - 2ms/step - loss: 0.7 - val_loss: 0.8\nEpoch 2/2\nloss: 0.6\n"
    assert told(readings(log("a.log", text))) == [(1, 0.7, {"val_loss": 0.8}), (2, 0.6, {})]


def test_a_pattern_reads_any_line(log: Log) -> None:
    pattern = r"after (?P<step>\d+): fit (?P<train>\S+) held out (?P<val>\S+) at (?P<lr>\S+)"
    path = log("a.log", "hello\nafter 7: fit 0.5 held out nan at 0.1\n")
    (found,) = readings(path, pattern=pattern)
    assert (found.step, found.train, found.line) == (7, 0.5, 2)
    assert math.isnan(found.val["val_loss"])
    assert found.metrics == {"learning_rate": 0.1}


# TensorBoard


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    sums = [struct.pack("<I", masked_crc(part)) for part in (head, data)]
    return head + sums[0] + data + sums[1]


def message(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def event(step: int, tag: str, value: bytes) -> bytes:
    one = message(1, tag.encode()) + value
    return record(
        b"\x09" + struct.pack("<d", 1.0) + bytes([2 << 3, step]) + message(5, message(1, one))
    )


def simple(value: float) -> bytes:
    return bytes([2 << 3 | 5]) + struct.pack("<f", value)


def tensor(kind: int, field: bytes) -> bytes:
    return message(8, bytes([1 << 3, kind]) + field)


EVENTS = record(b"\x1a\x0dbrain.Event:2") + event(1, "train/loss", simple(0.5))


def test_the_checksum_is_that_of_the_standard() -> None:
    # CRC-32C of "123456789" is 0xE3069283 (RFC 3720 names the polynomial, Koopman the check value).
    crc = 0xE3069283
    assert masked_crc(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (simple(0.25), 0.25),
        (tensor(1, message(4, struct.pack("<f", 0.25))), 0.25),
        (tensor(1, message(5, struct.pack("<f", 0.25))), 0.25),
        (tensor(2, message(6, struct.pack("<d", 0.25))), 0.25),
        (tensor(2, message(4, struct.pack("<d", math.inf))), math.inf),
        (tensor(19, message(4, struct.pack("<e", 0.25))), 0.25),
        (tensor(3, bytes([7 << 3, 4])), 4.0),
        (tensor(9, message(10, b"\x04")), 4.0),
    ],
)
def test_scalars_of_every_form_are_read(value: bytes, expected: float) -> None:
    (row,) = TensorBoard("a").feed(event(7, "val/loss", value))
    assert (row.step, row.values) == (7, {"val/loss": expected})


@pytest.mark.parametrize(
    "value",
    [
        tensor(7, message(8, b"text")),
        tensor(1, message(4, struct.pack("<ff", 1.0, 2.0))),
        message(4, b"\x08\x01"),
        b"",
    ],
)
def test_what_is_no_scalar_is_passed_over(value: bytes) -> None:
    assert TensorBoard("a").feed(event(7, "val/loss", value)) == []


def test_a_damaged_event_file_is_told_with_the_place() -> None:
    for place in (2, 9, len(EVENTS) - 1, len(EVENTS) - 8):
        broken = bytearray(EVENTS)
        broken[place] ^= 0xFF
        with pytest.raises(SourceError, match=r"a: is no event file, or damaged: record at byte"):
            TensorBoard("a").feed(bytes(broken))


def test_folders_of_splits_are_one_log(tmp_path: Path) -> None:
    for split, loss in (("train", 0.5), ("validation", 0.75)):
        (tmp_path / split).mkdir()
        data = event(1, "epoch_loss", simple(loss)) + event(2, "epoch_loss", simple(loss / 2))
        (tmp_path / split / "events.out.tfevents.1.host.v2").write_bytes(data)
    assert told(readings(tmp_path)) == [
        (1, 0.5, {}),
        (1, None, {"validation/epoch_loss": 0.75}),
        (2, 0.25, {}),
        (2, None, {"validation/epoch_loss": 0.375}),
    ]


def test_a_split_whose_file_comes_later_is_read_from_then_on(tmp_path: Path) -> None:
    tail, columns = Tail(tmp_path), Columns("a")
    for split, loss in (("train", 0.5), ("validation", 0.75)):
        (tmp_path / split).mkdir()
        data = event(1, "epoch_loss", simple(loss))
        (tmp_path / split / "events.out.tfevents.1.host.v2").write_bytes(data)
        found = told(list(columns.readings(tail.poll().rows)))
        val = {"validation/epoch_loss": loss} if split == "validation" else {}
        assert found == [(1, None if val else loss, val)]
    assert tail.poll().rows == tail.close() == []


# Folders


@pytest.mark.parametrize(
    ("inside", "content"),
    [
        ("metrics.csv", KERAS),
        ("results.csv", KERAS),
        ("catboost_info/catboost_training.json", "{}"),
        ("checkpoint-20/trainer_state.json", "{}"),
        ("runs/a/events.out.tfevents.1", "x"),
    ],
)
def test_a_folder_of_a_framework_is_its_log(tmp_path: Path, inside: str, content: str) -> None:
    path = tmp_path / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    if "checkpoint" in inside:
        (tmp_path / "checkpoint-3").mkdir()
        (tmp_path / "checkpoint-3" / "trainer_state.json").write_text("{}")
    assert [part.path for part in parts_of(tmp_path)] == [path]


def test_a_folder_without_a_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no training log in this folder"):
        parts_of(tmp_path)


# In pieces

STREAMS: list[tuple[Callable[[], Reader], bytes]] = [
    (lambda: Delimited("a"), LIGHTNING.encode()),
    (lambda: Delimited("a"), "\ufefföpoch,loss\r\n1,2\r\n".encode()),
    (lambda: JsonLines("a"), '{"löss": 1}\n\n{"b": {"c": 2}}\n'.encode()),
    (lambda: Document("a"), b'{"loss": [1, 2]}'),
    (lambda: Text("a"), (XGBOOST + "a\rloss: 3\n").encode()),
    (lambda: Text("a"), CATBOOST.format(best=0.81, at=1).encode("utf-16")),
    (lambda: Pattern("a", r"(?P<train>\d+)"), b"1\n2\r\n"),
    (lambda: TensorBoard("a"), EVENTS * 2),
]


@pytest.mark.parametrize(("made", "data"), STREAMS)
@given(cuts=st.lists(st.integers(0, 400), max_size=6))
def test_a_log_that_comes_in_pieces_gives_the_same_rows(
    made: Callable[[], Reader], data: bytes, cuts: list[int]
) -> None:
    whole = made()
    expected = whole.feed(data) + whole.close()
    assert expected
    reader, rows, start = made(), list[Row](), 0
    for end in [*sorted(cuts), len(data)]:
        rows += reader.feed(data[start:end])
        start = max(start, end)
    assert rows + reader.close() == expected


@pytest.mark.parametrize(("made", "data"), STREAMS)
@given(end=st.integers(0, 200), junk=st.binary(max_size=30))
def test_a_half_written_or_damaged_end_is_never_more_than_an_error_of_ours(
    made: Callable[[], Reader], data: bytes, end: int, junk: bytes
) -> None:
    reader = made()
    try:
        reader.feed(data[:end] + junk)
        reader.close()
    except DataguardError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most inputs raise nothing


@pytest.mark.parametrize("end", range(len(KERAS) - 18, len(KERAS)))
def test_a_half_written_last_row_is_left_out_unless_it_is_whole(log: Log, end: int) -> None:
    found = told(readings(log("a.csv", KERAS[:end])))
    assert found[0] == (0, 0.9, {"val_loss": 1.0})
    assert len(found) == 1 + (KERAS[:end].count(",") == 12 and not KERAS[:end].endswith(","))


def test_a_second_header_is_a_header_again(log: Log) -> None:
    path = log("a.csv", KERAS + KERAS + "epoch,loss\n0,0.5\n")
    assert [r.step for r in readings(path)] == [0, 1, 0, 1, 0]


# Bad input


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "epoch,loss\n0,0.5\n1,0.4,0.3\n", "a.csv:3: 3 cells, where the header names 2"),
        ("a.csv", "epoch,loss\n0,0.5\n1,high\n", "a.csv:3: 'loss' is 'high', no number"),
        ("a.csv", "epoch,loss\nfirst,0.5\n", "a.csv:2: step 'epoch' is 'first', no number"),
        ("a.csv", "0,0.5\n1,0.4\n", "a.csv:1: the first line names no columns"),
        ("a.csv", "epoch,loss\n0," + "1" * (1 << 20), "a.csv:2: the line is longer than"),
        ("a.csv", "epoch,loss\n", "a.csv: the log holds no values"),
        ("a.csv", "epoch,name\n0,1\n", "a.csv: no training or validation loss is recognised"),
        ("a.csv", "", "a.csv: the log is empty"),
        ("a.log", " \n", "a.log: the log is empty"),
        ("a.log", "nothing here\n", "a.log: the log holds no values; "),
        ("a.jsonl", '{"loss": 1}\n{"loss"\n', "a.jsonl:2: is no JSON object"),
        ("a.jsonl", '{"loss": 1}\n[1]\n', "a.jsonl:2: the line holds no JSON object"),
        ("a.jsonl", '{"loss": ' + "[" * 99999 + "\n", "a.jsonl:1: is no JSON object"),
        ("a.json", '{"log_history": [\n', "a.json:2: is no JSON"),
        ("a.json", "[" * 99999, "a.json: is no JSON"),
        ("a.json", '{\n"a": 1}', "a.json: the log holds no values"),
        ("a.gz", b"\x1f\x8b\x08\x00", "a.gz: is compressed; unpack it first"),
        ("a.bin", b"\x00\x01\x02", "a.bin: is no text and no TensorBoard event file"),
        ("events.out.tfevents.1", b"x" * 40, "is no event file, or damaged"),
    ],
)
def test_bad_input_is_told_in_one_line_with_the_place(
    log: Log, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, reason: str
) -> None:
    monkeypatch.chdir(log(name, content).parent)
    with pytest.raises(DataguardError) as caught:
        readings(Path(name))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("option", ["step", "train", "val"])
def test_a_column_that_is_not_there_is_told_with_the_nearest(log: Log, option: str) -> None:
    with pytest.raises(UsageError, match=f"no column 'los' for --{option}; did you mean 'loss'"):
        readings(log("a.csv", KERAS), Given(**{option: "los"}))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "is no regular expression"),
        (r"(?P<step>\d+)", "has no group 'train' or 'val'"),
    ],
)
def test_a_wrong_pattern_is_told(log: Log, pattern: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        readings(log("a.log", "1\n"), pattern=pattern)


def test_a_pattern_that_never_ends_is_stopped(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataguard.monitor.logs.pattern.PATIENCE", 0.2)
    path = log("a.log", "fine: 1\n" + "a" * 60 + "\n")
    with pytest.raises(SourceError, match=r"a\.log:2: --pattern takes more than 0\.2 s"):
        readings(path, pattern=r"fine: (?P<train>\d)|(a+)+$b")


# Columns


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["epoch", "loss", "val_loss"], Roles("epoch", ("loss",), {"val_loss": ("val_loss",)})),
        (["trainLoss", "valLoss"], Roles(None, ("trainLoss",), {"valLoss": ("valLoss",)})),
        (
            ["Loss/train", "Loss/test", "Loss/val"],
            Roles(None, ("Loss/train",), {"Loss/val": ("Loss/val",)}),
        ),
        (["train_loss", "test_loss"], Roles(None, ("train_loss",), {"test_loss": ("test_loss",)})),
        (
            ["loss", "eval_wiki_loss", "eval_code_loss"],
            Roles(
                None,
                ("loss",),
                {
                    "eval_wiki_loss": ("eval_wiki_loss",),
                    "eval_code_loss": ("eval_code_loss",),
                },
            ),
        ),
        (
            ["step", "train_loss_step", "train_loss_epoch", "val_loss_step", "val_loss_epoch"],
            Roles("step", ("train_loss_epoch",), {"val_loss_epoch": ("val_loss_epoch",)}),
        ),
        (
            ["loss", "val_accuracy", "val_f1"],
            Roles(None, ("loss",), {"val_accuracy": ("val_accuracy",)}, True),
        ),
        (["train_mae", "val_mae"], Roles(None, ("train_mae",), {"val_mae": ("val_mae",)})),
        (["global_step", "lr", "grad_norm"], Roles("global_step")),
    ],
)
def test_columns_are_recognised(names: list[str], roles: Roles) -> None:
    assert chosen(names, Given()) == roles


def test_columns_that_the_user_names_are_taken() -> None:
    names = ["epoch", "batch", "loss", "other", "val_loss", "val_auc"]
    roles = chosen(names, Given(step="batch", train="other", val="val_auc"))
    assert roles == Roles("batch", ("other",), {"val_auc": ("val_auc",)}, True)
    assert not chosen(names, Given(val="val_auc", mode="min")).rising


def test_a_name_is_taken_apart() -> None:
    name = parse("valid_1-binary_logloss")
    assert (name.split, name.measure, name.loss, name.gain) == (
        "val",
        "binary_logloss",
        True,
        False,
    )


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_names_can_be_asked_for_their_roles(names: list[str]) -> None:
    roles = chosen(names, Given())
    taken = {*roles.train, *(column for parts in roles.val.values() for column in parts)}
    assert taken <= set(names)


def test_the_kind_of_a_log_is_told_by_its_content(log: Log) -> None:
    kinds = {"k": KERAS, "x": XGBOOST, "t": EVENTS, "j": '{"a": 1}\n', "d": '{\n"a": [1]}'}
    for name, content in kinds.items():
        data = content if isinstance(content, bytes) else content.encode()
        kind, _ = reader_of(Part(Path(name)), data, None)
        assert kind[0] == {"k": "c", "x": "t", "t": "t", "j": "j", "d": "d"}[name]
