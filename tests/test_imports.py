"""What is loaded when: heavy libraries only where a check needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "sklearn", "scipy", "torch", "great_expectations", "cleanlab")

REPORT = f"""
import sys
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.stderr.write("LOADED " + ",".join(loaded) + "\\n")
"""


def _loaded(code: str, cwd: Path) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import atexit\natexit.register(lambda: exec({REPORT!r}, {{}}))\n{code}",
        ],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("LOADED ")]
    assert len(lines) == 1, done.stderr
    return lines[0].removeprefix("LOADED ")


def test_the_probe_sees_a_heavy_import(tmp_path: Path) -> None:
    assert _loaded("import pandas", tmp_path) == "pandas"


@pytest.mark.parametrize(
    "code",
    [
        "import dataguard",
        "import sys; sys.argv = ['dataguard', '--help']\nimport dataguard.__main__",
        "import sys; sys.argv = ['dataguard', 'explain', 'LAB002']\nimport dataguard.__main__",
        "import sys; sys.argv = ['dataguard', 'lint', '--fast', 'a.csv']\n"
        "import dataguard.__main__",
        "import dataguard; dataguard.lint('a.csv', fast=True, label='label')",
        "import dataguard; dataguard.lint({'a': [1, 2], 'b': ['x', 'y']}, fast=True)",
    ],
)
def test_no_heavy_library_is_loaded_without_need(tmp_path: Path, code: str) -> None:
    rows = "\n".join(f"{i},a text of some words {i * 7 % 11},{i % 2}" for i in range(60))
    (tmp_path / "a.csv").write_text(f"id,text,label\n{rows}\n", encoding="utf-8")
    assert _loaded(code, tmp_path) == ""


def test_import_dataguard_loads_no_polars(tmp_path: Path) -> None:
    code = "import sys, dataguard; sys.exit('polars' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=False).returncode
        == 0
    )
