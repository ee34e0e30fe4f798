"""The hooks, by a real pre-commit in a real git repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BAD = "text,label\none two three,a\nfour five six,b,c\n"
GOOD = "text,label\none two three,a\nfour five six,b\n"


def _git(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@e", "GIT_COMMITTER_NAME": "t"}
    env = {**os.environ, **names, "GIT_COMMITTER_EMAIL": "t@e"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        ["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def repository(root: Path, tmp_path: Path) -> Path:
    """A git repository whose commits pass through our hooks.

    The hooks' own lines are taken from .pre-commit-hooks.yaml; only `language` is `system`, so
    that they run the dataguard under test and not one that pre-commit would install anew.
    """
    hooks = (root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    local = "repos:\n- repo: local\n  hooks:\n" + "".join(
        f"  {line}\n" for line in hooks.replace("language: python", "language: system").splitlines()
    )
    (tmp_path / ".pre-commit-config.yaml").write_text(local, encoding="utf-8")
    (tmp_path / "dataguard.toml").write_text(
        '[datasets.reviews]\ntrain = "train.csv"\ntest = "test.csv"\nlabel = "label"\n',
        encoding="utf-8",
    )
    rows = [f"{word} review number with words {i},{'ab'[i % 2]}" for i, word in enumerate(WORDS)]
    (tmp_path / "train.csv").write_text("\n".join(["text,label", *rows[:40]]) + "\n")
    (tmp_path / "test.csv").write_text("\n".join(["text,label", *rows[40:]]) + "\n")
    _git(tmp_path, "init", "-q")
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    return tmp_path


WORDS = [f"{a}{b}" for a in ("red", "blue", "old", "new", "wet") for b in "klmnoprstuvw"]


def test_a_bad_file_is_refused_and_a_good_one_passes(repository: Path) -> None:
    data = repository / "data.csv"
    data.write_text(BAD, encoding="utf-8")
    _git(repository, "add", ".")
    refused = _git(repository, "commit", "-m", "bad")
    assert refused.returncode == 1
    assert "FIL004 ragged-rows" in refused.stdout + refused.stderr
    assert "data.csv:3" in refused.stdout + refused.stderr
    data.write_text(GOOD, encoding="utf-8")
    _git(repository, "add", ".")
    passed = _git(repository, "commit", "-m", "good")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_full_hook_lets_the_splits_of_the_config_meet(repository: Path) -> None:
    train = (repository / "train.csv").read_text(encoding="utf-8")
    test = repository / "test.csv"
    test.write_text(test.read_text(encoding="utf-8") + train.splitlines()[1] + "\n")
    _git(repository, "add", ".")
    refused = _git(repository, "commit", "-m", "leak")
    told = refused.stdout + refused.stderr
    assert refused.returncode == 1, told
    assert "LEK001 test-row-in-train" in told


def test_the_hooks_are_valid_for_pre_commit(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
