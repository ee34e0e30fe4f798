"""The GitHub Action: its file parses, and its shell steps run in bash as the runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the action runs in bash")

BAD = "text,label\none two three,a\nfour five six,b,c\n"
GOOD = "text,label\none two three,a\nfour five six,b\n"

Step = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def action(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def lint(action: dict[str, Any], tmp_path: Path) -> Step:
    """Run the Lint step with these inputs, in `tmp_path / "work"`, as the runner does."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "work").mkdir()
    for name, arguments in (("dataguard", " -P -m dataguard"), ("python", "")):
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    (script,) = (s["run"] for s in action["runs"]["steps"] if s.get("id") == "lint")

    def run(paths: str, args: str = "--fast", fail_on: str = "") -> Any:
        env = {
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "INPUT_PATHS": paths,
            "INPUT_ARGS": args,
            "INPUT_FAIL_ON": fail_on,
            "INPUT_SARIF_FILE": "dataguard.sarif",
        }
        (tmp_path / "output").unlink(missing_ok=True)
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=tmp_path / "work", env=env, capture_output=True, text=True, check=False
        )

    return run


def outputs(tmp_path: Path) -> dict[str, str]:
    lines = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_fault_is_in_the_log_and_in_valid_sarif_at_its_line(
    lint: Step, tmp_path: Path, root: Path
) -> None:
    data = tmp_path / "work" / "data"
    data.mkdir()
    (data / "bad.csv").write_text(BAD, encoding="utf-8")
    ended = lint("data/bad.csv")
    assert ended.returncode == 0, ended.stderr
    assert outputs(tmp_path) == {"exit-code": "1", "sarif-file": "dataguard.sarif"}
    assert "error   FIL004 data/bad.csv:3 " in ended.stdout
    log = json.loads((tmp_path / "work" / "dataguard.sarif").read_text(encoding="utf-8"))
    schema = root / "tests" / "reports" / "sarif-2.1.0-rtm.5.json"
    jsonschema.Draft4Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(log)
    (result,) = (r for r in log["runs"][0]["results"] if r["ruleId"] == "FIL004")
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "data/bad.csv"
    assert physical["region"]["startLine"] == 3
    assert BAD.splitlines()[physical["region"]["startLine"] - 1] == "four five six,b,c"


def test_every_region_of_the_example_is_a_line_of_its_file(
    lint: Step, tmp_path: Path, root: Path
) -> None:
    shutil.copytree(root / "examples" / "support", tmp_path / "work" / "support")
    lint("support", "--fast --label topic")
    log = json.loads((tmp_path / "work" / "dataguard.sarif").read_text(encoding="utf-8"))
    seen = 0
    for result in log["runs"][0]["results"]:
        for place in [*result["locations"], *result.get("relatedLocations", [])]:
            region = place["physicalLocation"].get("region")
            if region is not None:
                uri = place["physicalLocation"]["artifactLocation"]["uri"]
                lines = (tmp_path / "work" / uri).read_text(encoding="utf-8").splitlines()
                assert 1 <= region["startLine"] <= len(lines)
                seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("paths", "args", "fail_on", "code"),
    [
        ("good.csv", "--fast", "", "0"),
        ("good.csv 'my bad.csv'", "--fast", "", "1"),
        ("good.csv\n'my bad.csv'\n", "--fast", "", "1"),
        ("'my bad.csv'", "--fast", "never", "0"),
        ("'my bad.csv'", "--fast --fail-on never", "", "0"),
        ("'my bad.csv'", "--fast --select DUP", "", "0"),
        ("gone.csv", "--fast", "", "2"),
        ("", "--fast", "", "2"),
        ("good.csv", "--no-such-option", "", "2"),
        ("--no-such-option", "--fast", "", "2"),
    ],
)
def test_the_inputs_reach_the_command_and_its_exit_code_comes_back(
    lint: Step, tmp_path: Path, paths: str, args: str, fail_on: str, code: str
) -> None:
    (tmp_path / "work" / "good.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "work" / "my bad.csv").write_text(BAD, encoding="utf-8")
    ended = lint(paths, args, fail_on)
    assert ended.returncode == 0, ended.stderr
    assert outputs(tmp_path)["exit-code"] == code
    assert ("sarif-file" in outputs(tmp_path)) == (code != "2")


def test_no_input_is_run_by_the_shell(lint: Step, tmp_path: Path) -> None:
    for hostile in ("$(touch owned)", "`touch owned`", "a; touch owned", "a' ; touch owned '"):
        lint(hostile, hostile, hostile)
        assert not (tmp_path / "work" / "owned").exists()


def test_a_cell_cannot_speak_to_the_runner(lint: Step, tmp_path: Path) -> None:
    rows = "\n".join(f'{i},"x\n::error::owned\n{i}"' for i in range(20))
    hostile = f"id,::set-output name=a::b\n{rows}\n7,N/A\n"
    (tmp_path / "work" / "a.csv").write_text(hostile, encoding="utf-8")
    ended = lint("a.csv")
    assert "a.csv" in ended.stdout
    assert not [line for line in ended.stdout.splitlines() if line.lstrip().startswith("::")]


def test_the_steps_pass_on_what_they_need(action: dict[str, Any]) -> None:
    steps = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert all("shell" in step for step in steps if "run" in step)
    text = json.dumps(action)
    named = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert named == set(action["inputs"])
    for step in steps:
        assert "${{" not in step.get("run", ""), "an input in a script would be run"
    upload = next(s for s in steps if "upload-sarif" in s.get("uses", ""))
    assert upload["with"]["sarif_file"] == "${{ steps.lint.outputs.sarif-file }}"
    judge = steps[-1]
    assert steps.index(upload) < steps.index(judge)
    for code in (0, 1, 2):
        env = {**os.environ, "CODE": str(code)}
        done = subprocess.run(["bash", "-e", "-c", judge["run"]], env=env, check=False)
        assert done.returncode == code
