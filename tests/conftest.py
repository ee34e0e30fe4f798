"""What several test files use: the repository's root and the real command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture
def dataguard(tmp_path: Path) -> Run:
    """Run `dataguard ARGUMENTS` for real, in `cwd` (a temporary folder by default)."""

    def run(
        *arguments: str | Path,
        cwd: Path = tmp_path,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        settings = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **(env or {})}
        settings.pop("FORCE_COLOR", None) if "FORCE_COLOR" not in (env or {}) else None
        return subprocess.run(
            [sys.executable, "-P", "-m", "dataguard", *map(str, arguments)],
            cwd=cwd,
            input=stdin,
            env=settings,
            capture_output=True,
            check=False,
        )

    return run
