"""`dataguard watch`, run for real on real logs: what it prints, follows, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT, Run

from dataguard.monitor.core import known_rules
from dataguard.monitor.rule import Event

HEADER = "step,train_loss,val_loss\n"
HOSTILE = "\x1b[31m<script>\u202e](x)"


def rows(count: int = 60, best: int = 20, start: int = 0) -> list[str]:
    """A run whose validation loss rises from evaluation `best` on."""
    found = []
    for i in range(start, start + count):
        wobble = 0.002 * (-1) ** i
        val = 1.0 - 0.03 * min(i, best) + 0.01 * max(i - best, 0) + wobble
        found.append(f"{10 * i},{0.9 ** (i / 3):.4f},{val:.4f}\n")
    return found


@pytest.fixture
def overfit(tmp_path: Path) -> Path:
    path = tmp_path / "overfit.csv"
    path.write_text(HEADER + "".join(rows()))
    return path


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    path = tmp_path / "healthy.csv"
    path.write_text(HEADER + "".join(rows(20)))
    return path


# Reports


def test_json_follows_the_contract(dataguard: Run, overfit: Path) -> None:
    found = json.loads(dataguard("watch", overfit, "--format", "json").stdout)
    assert list(found) == [
        "schema", "verdict", "best_step", "flagged_step", "events", "outcomes",
    ]  # fmt: skip
    assert found["schema"] == "dataguard-watch/1"
    (event,) = (e for e in found["events"] if e["code"] == "MON001")
    assert list(event) == ["step", "code", "severity", "message", "evidence"]
    assert (found["best_step"], found["flagged_step"]) == (200, event["step"])
    assert 220 < event["step"] < 320
    assert event["severity"] == "warning"
    assert found["verdict"].startswith("Overfitting since step ")
    assert [o["code"] for o in found["outcomes"]] == [rule.code for rule in known_rules()]


def test_text_fits_80_columns_and_marks_the_best_and_the_flagged_step(
    dataguard: Run, overfit: Path
) -> None:
    ended = dataguard("watch", overfit.name, cwd=overfit.parent)
    lines = ended.stdout.decode("ascii").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == f"{overfit.name} (60 evaluations, 60 training losses)"
    drawn = [line for line in lines if " |" in line]
    assert len(drawn) == 11
    assert any("B" in line for line in drawn)
    assert any("!" in line for line in lines if "+-" in line)
    assert "MON001 overfitting" in ended.stdout.decode()
    assert ended.stderr == b""


def test_a_healthy_run_is_said_to_be_healthy(dataguard: Run, healthy: Path) -> None:
    ended = dataguard("watch", healthy, "--fail-on", "info")
    assert ended.returncode == 0
    assert b"Nothing wrong in 20 evaluations; the best step is 190 (" in ended.stdout


def test_a_run_that_was_flagged_and_got_better_is_said_to_have(
    dataguard: Run, tmp_path: Path
) -> None:
    path = tmp_path / "better.csv"
    values = [1.5 - 0.05 * min(i, 10) + 0.03 * max(i - 10, 0) for i in range(30)]
    values += [0.6 - 0.005 * i for i in range(30)]
    rising = [0.46 + 0.03 * i for i in range(20)]

    def verdict(vals: list[float]) -> str:
        lines = [f"{i},{0.98**i:.4f},{v + 0.002 * (-1) ** i:.4f}\n" for i, v in enumerate(vals)]
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return str(json.loads(dataguard("watch", path, "--format", "json").stdout)["verdict"])

    assert re.fullmatch(
        r"Overfitting since step 1\d, flagged at step 1\d, but val_loss has improved since; "
        r"the best step is 59 \(.*\)\.",
        verdict(values),
    )
    assert re.fullmatch(
        r"Overfitting since step 59, flagged at step 6\d; the best step is 59 \(.*\)\.",
        verdict(values + rising),
    )


def test_the_verdict_names_the_validation_set_that_is_overfitted(
    dataguard: Run, tmp_path: Path
) -> None:
    path = tmp_path / "sets.jsonl"
    told = [
        {
            "step": i,
            "loss": 0.95**i,
            "eval_wiki_loss": 0.5 + 0.97**i,
            "eval_code_loss": 1.0 + 0.001 * (i - 15) ** 2,
        }
        for i in range(50)
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in told), encoding="utf-8")
    found = json.loads(dataguard("watch", path, "--format", "json").stdout)
    assert re.fullmatch(
        r"Overfitting on eval_code_loss since step 15, flagged at step 2\d; "
        r"the best step is 49 \(.*\)\.",
        found["verdict"],
    )


def test_few_evaluations_and_no_validation_are_said_to_be_so(
    dataguard: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "".join(rows(3)))
    found = json.loads(dataguard("watch", path, "--format", "json").stdout)
    assert found["verdict"].startswith("Too few to judge: 3 evaluations")
    reasons = {o["code"]: o["reason"] for o in found["outcomes"]}
    assert reasons["MON001"] == "fewer than 7 evaluations"
    path.write_text("loss\n1\n0.5\n")
    found = json.loads(dataguard("watch", path, "--format", "json").stdout)
    assert found["verdict"].startswith("Nothing wrong in 2 training losses; without validation")
    reasons = {o["code"]: o["reason"] for o in found["outcomes"]}
    assert reasons["MON001"] == "the log has no validation values"
    assert (found["best_step"], found["flagged_step"]) == (None, None)


def sarif_of(dataguard: Run, *arguments: str | Path) -> Any:
    log = json.loads(dataguard("watch", *arguments, "--format", "sarif").stdout)
    schema = ROOT / "tests" / "reports" / "sarif-2.1.0-rtm.5.json"
    jsonschema.Draft4Validator(json.loads(schema.read_bytes())).validate(log)
    (run,) = log["runs"]
    return run


def test_sarif_is_valid_and_names_file_and_line(dataguard: Run, overfit: Path) -> None:
    run = sarif_of(dataguard, overfit.name)
    (result,) = (r for r in run["results"] if r["ruleId"] == "MON001")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "overfit.csv", "index": 0}
    assert place["region"]["startLine"] == result["properties"]["step"] // 10 + 2
    assert run["artifacts"] == [{"location": {"uri": "overfit.csv"}}]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "MON001"
    assert result["level"] == "warning"


@pytest.mark.parametrize("content", [HEADER + "1,nan,inf\n", "loss\n1\n", "val_loss\n1\n"])
def test_sarif_of_a_log_with_little_in_it_is_valid(
    dataguard: Run, tmp_path: Path, content: str
) -> None:
    (tmp_path / "a b.csv").write_text(content)
    run = sarif_of(dataguard, "a b.csv")
    assert run["artifacts"] == [{"location": {"uri": "a%20b.csv"}}]
    assert [r["ruleId"] for r in run["results"]] == ["MON004", "MON004"] * ("nan" in content)


@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
def test_hostile_names_are_escaped(dataguard: Run, tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"{HOSTILE.replace('/', '')}.csv"
    name = f"val_loss {HOSTILE}"
    path.write_text(f"step,loss,{name}\n" + "".join(rows()), encoding="utf-8")
    ended = dataguard("watch", path, "--format", format_, env={"PYTHONUTF8": "1"})
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"MON001" in ended.stdout
    assert "\x1b" not in ended.stdout.decode()
    assert "\u202e" not in ended.stdout.decode()
    if format_ != "text":
        assert b"<" not in ended.stdout
    if format_ == "sarif":
        for result in json.loads(ended.stdout)["runs"][0]["results"]:
            assert "](x)" not in result["message"]["text"]


@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
def test_a_hostile_name_in_the_verdict_is_escaped(
    dataguard: Run, tmp_path: Path, format_: str
) -> None:
    path = tmp_path / "sets.csv"
    lines = [f"{0.5 + 0.97**i},{row}" for i, row in enumerate(rows())]
    header = f"eval_fine_loss,step,loss,eval_{HOSTILE}_loss\n"
    path.write_text(header + "".join(lines), encoding="utf-8")
    ended = dataguard("watch", path, "--format", format_, env={"PYTHONUTF8": "1"})
    told = ended.stdout.decode()
    assert "Overfitting on eval_" in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_values_that_are_not_finite_are_drawn_and_flagged(dataguard: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "".join(rows(30)) + "300,nan,inf\n310,1e300,-1e300\n")
    ended = dataguard("watch", path)
    assert ended.returncode == 1
    assert b"MON004 non-finite" in ended.stdout
    assert b"x not finite" in ended.stdout
    json.loads(dataguard("watch", path, "--format", "json").stdout)


def test_a_report_goes_to_a_file_but_not_over_the_log(
    dataguard: Run, overfit: Path, tmp_path: Path
) -> None:
    ended = dataguard("watch", overfit, "--format", "json", "--output", "report.json")
    assert ended.stdout == b""
    assert json.loads((tmp_path / "report.json").read_bytes())["events"]
    before = overfit.read_bytes()
    ended = dataguard("watch", overfit, "--output", overfit)
    assert ended.returncode == 2
    assert b"would overwrite the log" in ended.stderr
    assert overfit.read_bytes() == before


def test_colour_is_for_terminals(dataguard: Run, overfit: Path) -> None:
    assert b"\x1b[" not in dataguard("watch", overfit).stdout
    coloured = dataguard("watch", overfit, env={"FORCE_COLOR": "1"}).stdout
    assert b"\x1b[1;33mMON001\x1b[0m" in coloured


# Options and exit codes


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "warning", "--ignore", "MON001"], 0),
        (["--fail-on", "warning", "--select", "overfitting"], 1),
        (["--fail-on", "warning", "--select", "MON"], 1),
        (["--fail-on", "warning", "--select", "MON003,MON004"], 0),
        (["--fail-on", "warning", "--mode", "max", "--select", "MON001"], 1),
    ],
)
def test_exit_codes(dataguard: Run, overfit: Path, options: list[str], code: int) -> None:
    assert dataguard("watch", overfit, *options).returncode == code


def test_rules_that_are_left_out_are_said_to_be(dataguard: Run, overfit: Path) -> None:
    ended = dataguard("watch", overfit, "--select", "MON001", "--format", "json")
    left = {o["code"] for o in json.loads(ended.stdout)["outcomes"] if o["status"] == "skipped"}
    assert left == {rule.code for rule in known_rules()} - {"MON001"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gone.csv"], "gone.csv: there is no such file"),
        (["overfit.cvs"], "there is no such file; did you mean 'overfit.csv'?"),
        (["overfit.csv", "--val", "val_los"], "for --val; did you mean 'val_loss'"),
        (["overfit.csv", "--select", "MON01"], "no rule 'MON01'; did you mean 'MON0"),
        (["overfit.csv", "--pattern", "("], "--pattern is no regular expression"),
        (["overfit.csv", "--timeout", "3"], "--timeout ends --follow; give both"),
        (["overfit.csv", "--follow", "--timeout", "nan"], "--timeout is in seconds"),
        (["overfit.csv", "--follow", "--poll", "0"], "--poll is in seconds"),
        (["broken.csv"], "broken.csv:2: 3 cells, where the header names 1 columns"),
        (["gone.csv", "--follow", "--timeout", "0.1"], "gone.csv: there is no such file"),
        (["empty.csv", "--follow", "--timeout", "0.1"], "empty.csv: the log holds no values"),
        (["."], "no training log in this folder"),
        (["a" * 300], "a: cannot be read: File name too long"),
        (["gone/log\x1b[31m.csv"], "gone/log\\x1b[31m.csv: there is no such file"),
    ],
)
def test_what_cannot_be_watched_is_one_line_and_exit_code_2(
    dataguard: Run, overfit: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    (tmp_path / "broken.csv").write_text("loss\n1,2,3\n")
    (tmp_path / "empty.csv").write_text("")
    ended = dataguard("watch", *arguments)
    assert (ended.returncode, ended.stdout) == (2, b"")
    last = ended.stderr.decode().splitlines()[-1]
    assert last.startswith("error: ")
    assert reason in last


def test_standard_input_is_read(dataguard: Run, overfit: Path) -> None:
    ended = dataguard("watch", "-", "--fail-on", "warning", stdin=overfit.read_bytes())
    assert ended.returncode == 1
    assert b"MON001" in ended.stdout


def test_a_pattern_reads_lines_of_text(dataguard: Run, tmp_path: Path) -> None:
    lines = (row.strip().split(",") for row in rows())
    text = "".join(f"{s} | fit {t} | held out {v}\n" for s, t, v in lines)
    (tmp_path / "a.log").write_text(text)
    pattern = r"^(?P<step>\d+) \| fit (?P<train>\S+) \| held out (?P<val>\S+)"
    ended = dataguard("watch", "a.log", "--pattern", pattern, "--fail-on", "warning")
    assert ended.returncode == 1


# Following


class Following:
    """A `dataguard watch --follow` that runs while the test writes to its log."""

    def __init__(self, path: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-P", "-m", "dataguard", "watch", str(path), "--follow",
                "--poll", "0.02", *options,
            ],
            cwd=path.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def note(self) -> str:
        """The next line of standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().decode()

    def end(self) -> str:
        """What else it prints, once it ends by itself."""
        out, self.errors = self.process.communicate(timeout=60)
        return out.decode()


Follow = Callable[..., Following]


@pytest.fixture
def follow() -> Iterator[Follow]:
    started: list[Following] = []

    # Where the tests run in the background of a shell, children would ignore an interruption.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(path: Path, *options: str) -> Following:
        started.append(Following(path, *options))
        return started[-1]

    yield start
    signal.signal(signal.SIGINT, before)
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_following_tells_an_event_when_it_comes_and_ends_by_itself(
    follow: Follow, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    watcher = follow(path, "--timeout", "1.5", "--fail-on", "warning")
    assert watcher.note() == f"waiting for {path}\n"
    write(path, HEADER + "".join(rows(30)))
    write(path, "300,0.05")  # half a line
    first = watcher.line()
    assert first.startswith("step 2")
    assert "warning MON001 overfitting: val_loss is" in first
    write(path, ",0.5\n" + "".join(rows(10, start=31)))
    rest = watcher.end()
    assert "(41 evaluations, 41 training losses)" in " ".join(rest.split())
    assert watcher.process.returncode == 1
    assert watcher.errors == b""


def test_following_a_rotated_log_goes_on_and_a_new_one_begins_anew(
    follow: Follow, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    write(path, HEADER + "".join(rows(22)) + "215,nan,\n")
    watcher = follow(path, "--timeout", "3", "--format", "json")
    assert "MON004" in watcher.note()
    path.rename(tmp_path / "a.csv.1")
    write(tmp_path / "a.csv.1", "".join(rows(1, start=22)))
    write(path, HEADER + "".join(rows(12, start=23)))
    assert "MON001" in watcher.note()  # the best step was in the file that was rotated away
    path.write_text(HEADER + "0,1,1\n")  # cut: another run
    assert watcher.note() == f"{path} begins anew\n"
    write(path, "".join(rows(19, start=1)))
    found = json.loads(watcher.end())
    assert found["events"] == []
    assert found["best_step"] == 190


def test_following_a_document_that_is_written_anew_tells_each_event_once(
    follow: Follow, tmp_path: Path
) -> None:
    path = tmp_path / "trainer_state.json"
    watcher = follow(path, "--timeout", "2", "--format", "json")
    history = []
    for i, row in enumerate(rows(40)):
        step, train, val = map(float, row.split(","))
        history += [{"loss": train, "step": step}, {"eval_loss": val, "step": step}]
        if i % 10 == 9:
            text = json.dumps({"log_history": history}, indent=1)
            path.write_text(text[: len(text) // 2])
            time.sleep(0.05)
            path.write_text(text)
            time.sleep(0.1)
    found = json.loads(watcher.end())
    assert [e["code"] for e in found["events"]].count("MON001") == 1
    assert watcher.errors.count(b"MON001") == 1


def test_an_interruption_ends_following_with_the_verdict(follow: Follow, overfit: Path) -> None:
    watcher = follow(overfit, "--fail-on", "warning")
    assert "MON001" in watcher.line()
    watcher.process.send_signal(signal.SIGINT)
    assert "Overfitting since step" in watcher.end()
    assert (watcher.process.returncode, watcher.errors) == (1, b"")


def test_a_log_that_is_damaged_while_it_is_followed_ends_with_exit_code_2(
    follow: Follow, overfit: Path
) -> None:
    watcher = follow(overfit)
    assert "MON001" in watcher.line()
    write(overfit, "600,0.1\n")
    watcher.end()
    assert watcher.process.returncode == 2
    assert watcher.errors.decode() == (
        f"error: {overfit}:62: 2 cells, where the header names 3 columns\n"
    )


# Real frameworks


def codes(dataguard: Run, log: str | Path) -> list[tuple[str, int]]:
    found = json.loads(dataguard("watch", log, "--format", "json").stdout)
    return [(event["code"], event["step"]) for event in found["events"]]


def told(events: list[Event], shift: int = 0) -> list[tuple[str, int]]:
    return [(event.code, event.step + shift) for event in events]


@pytest.fixture(scope="module")
def data() -> Any:
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.standard_normal((600, 20)).astype(np.float32)
    y = (x[:, 0] + rng.standard_normal(600) > 0).astype(int)
    return x[:64], y[:64], x[64:], y[64:]


def test_xgboosts_own_lines_give_the_events_of_its_callback(
    dataguard: Run, tmp_path: Path, data: Any
) -> None:
    xgb = pytest.importorskip("xgboost", reason="needs xgboost: pip install '.[test]'")
    from dataguard.monitor.adapters.xgboost import MonitorCallback

    x, y, x_val, y_val = data
    seen: list[Event] = []
    evals = [(xgb.DMatrix(x, y), "train"), (xgb.DMatrix(x_val, y_val), "valid")]
    lines: list[str] = []

    class Lines(xgb.callback.EvaluationMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(logger=lines.append)

    xgb.train(
        {"objective": "binary:logistic", "eta": 0.3, "nthread": 1}, evals[0][0], 40, evals=evals,
        verbose_eval=False, callbacks=[MonitorCallback(on_event=seen.append), Lines()],
    )  # fmt: skip
    (tmp_path / "xgb.log").write_text("".join(lines))
    assert "MON001" in [event.code for event in seen]
    assert codes(dataguard, "xgb.log") == told(seen)


def test_lightgbms_own_lines_give_the_events_of_its_callback(
    dataguard: Run, tmp_path: Path, data: Any
) -> None:
    lgb = pytest.importorskip("lightgbm", reason="needs lightgbm: pip install '.[test]'")
    from dataguard.monitor.adapters.lightgbm import MonitorCallback

    x, y, x_val, y_val = data
    seen: list[Event] = []
    lines: list[str] = []

    class Logger:
        def info(self, text: str) -> None:
            lines.append(f"{text}\n")

        warning = info

    lgb.register_logger(Logger())
    train = lgb.Dataset(x, y)
    lgb.train(
        {"objective": "binary", "min_data_in_leaf": 2, "num_threads": 1, "learning_rate": 0.3},
        train, 40, valid_sets=[train, lgb.Dataset(x_val, y_val)], valid_names=["train", "valid"],
        callbacks=[lgb.log_evaluation(1), MonitorCallback(on_event=seen.append)],
    )  # fmt: skip
    (tmp_path / "lgb.log").write_text("".join(lines))
    assert "MON001" in [event.code for event in seen]
    assert codes(dataguard, "lgb.log") == told(seen, shift=1)  # its lines count from 1


@pytest.mark.parametrize("log", [".", "catboost_training.json", "test_error.tsv", "printed.log"])
def test_catboosts_logs_give_an_event(dataguard: Run, tmp_path: Path, data: Any, log: str) -> None:
    catboost = pytest.importorskip("catboost", reason="needs catboost: pip install '.[test]'")
    x, y, x_val, y_val = data
    with (tmp_path / "printed.log").open("w") as printed:
        catboost.CatBoostClassifier(
            iterations=60, learning_rate=0.5, depth=6, random_seed=0, thread_count=1,
            train_dir=str(tmp_path),
        ).fit(x, y, eval_set=(x_val, y_val), log_cout=printed, verbose=1)  # fmt: skip
    assert "MON001" in [code for code, _ in codes(dataguard, log)]


def torch_run(epoch: Callable[[int, float, float], None], data: Any) -> None:
    torch = pytest.importorskip("torch", reason="needs torch: pip install '.[test]'")
    torch.manual_seed(0)
    x, y, x_val, y_val = (torch.as_tensor(part) for part in data)
    model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    loss = torch.nn.CrossEntropyLoss()
    for number in range(60):
        optimizer.zero_grad()
        trained = loss(model(x), y)
        trained.backward()
        optimizer.step()
        with torch.no_grad():
            epoch(number, float(trained), float(loss(model(x_val), y_val)))


def test_tensorboards_own_files_give_the_events_of_the_live_run(
    dataguard: Run, tmp_path: Path, data: Any
) -> None:
    pytest.importorskip("tensorboard", reason="needs tensorboard: pip install '.[test]'")
    from torch.utils.tensorboard import SummaryWriter

    from dataguard.monitor import Monitor

    monitor = Monitor()
    old, new = SummaryWriter(str(tmp_path / "old")), SummaryWriter(str(tmp_path / "new"))

    def epoch(number: int, train: float, val: float) -> None:
        monitor.update(number, train, val)
        for writer, style in ((old, False), (new, True)):
            writer.add_scalar("Loss/train", train, number, new_style=style)
            writer.add_scalar("Loss/val", val, number, new_style=style)
            writer.add_text("note", f"epoch {number}", number)

    torch_run(epoch, data)
    old.close()
    new.close()
    assert "MON001" in [event.code for event in monitor.events]
    assert codes(dataguard, "old") == codes(dataguard, "new") == told(list(monitor.events))


def test_the_library_of_tensorboard_is_not_loaded(tmp_path: Path) -> None:
    code = "import sys\nfrom dataguard.monitor.logs import tensorboard, detect, tail\n"
    code += "sys.exit(bool({'tensorboard', 'torch', 'polars', 'pandas'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=False).returncode
        == 0
    )


# Keras 3.15 reads its own weights in a way that NumPy 2 is about to drop.
@pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
def test_keras_own_log_gives_the_events_of_its_callback(
    dataguard: Run, tmp_path: Path, data: Any
) -> None:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="needs Keras: pip install '.[test]'")
    from dataguard.monitor.adapters.keras import MonitorCallback

    x, y, x_val, y_val = data
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((20,)), dense(64, "relu"), dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    seen: list[Event] = []
    model.fit(
        x, y, validation_data=(x_val, y_val), validation_batch_size=600, batch_size=64,
        epochs=60, verbose=0,
        callbacks=[
            keras.callbacks.CSVLogger(str(tmp_path / "training.log")),
            MonitorCallback(on_event=seen.append),
        ],
    )  # fmt: skip
    assert "MON001" in [event.code for event in seen]
    assert codes(dataguard, "training.log") == told(seen)


def test_a_log_in_a_folder_is_found(dataguard: Run, overfit: Path, tmp_path: Path) -> None:
    (tmp_path / "version_0").mkdir()
    shutil.move(overfit, tmp_path / "version_0" / "metrics.csv")
    assert "MON001" in [code for code, _ in codes(dataguard, "version_0")]


# The page


def test_the_page_names_options_that_are_there_and_its_code_runs(
    dataguard: Run, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "monitor" / "watch.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"--[a-z-]+", dataguard("watch", "--help").stdout.decode()))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page))
    assert named <= shown
    assert shown - named == {"--help", "--output", "--poll"}
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert "MON001 val_loss is" in done.stdout
    assert (tmp_path / "run.svg").exists()
