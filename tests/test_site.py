"""The documentation site builds, and its links lead somewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_site_builds_strictly(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="needs Zensical: pip install '.[test]'")
    shutil.copytree(root / "docs", tmp_path / "docs")
    shutil.copy(root / "mkdocs.yml", tmp_path)
    built = subprocess.run(
        [sys.executable, "-P", "-m", "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-1000:]
    pages = {p.relative_to(tmp_path / "site").as_posix() for p in tmp_path.rglob("*.html")}
    assert {"index.html", "checks/LAB002/index.html", "monitor/torch/index.html"} <= pages
