"""The wheel holds what the tree holds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path


def test_the_wheel_holds_every_module_of_the_tree(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(
        ["git", "clone", "-q", "--no-hardlinks", str(root), str(source)],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("dataguard/")}
    assert held == _wanted(source)


def _wanted(source: Path) -> set[str]:
    places = {
        "dataguard": "dataguard",
        "checks": "dataguard/checks",
        "reports": "dataguard/reports",
    }
    wanted = {"dataguard/py.typed"}
    for folder, package in places.items():
        for pattern in ("*.py", "*.schema.json", "*.html", "*.css"):
            for path in (source / folder).rglob(pattern):
                wanted.add(f"{package}/{path.relative_to(source / folder).as_posix()}")
    return wanted
