"""What a notebook shows, by executing one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

CELLS = (
    "import dataguard\n"
    "rows = {'text': ['a b c', 'd e <script>alert(1)</script>', 'a b c'], 'label': [0, 1, 0]}\n"
    "report = dataguard.lint(rows, label='label', select='DUP001')\n"
    "report",
    "from dataguard.monitor import Monitor\n"
    "monitor = Monitor()\n"
    "for i in range(30):\n"
    "    monitor.update(i, 1 / (i + 1), 1 / (i + 1) + 0.02 * max(0, i - 8))\n"
    "monitor",
    "Monitor()",
)


EXECUTE = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
manager = nbclient.client.KernelManager()
manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
nbclient.NotebookClient(notebook, timeout=300, km=manager).execute(cwd=sys.argv[2])
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The HTML that each cell shows."""
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat: pip install '.[test]'")
    for name in ("nbclient", "ipykernel"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"needs {name}: pip install '.[test]'")
    path = tmp_path_factory.mktemp("notebook") / "notebook.ipynb"
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    arguments = [sys.executable, "-c", EXECUTE, str(path), str(path.parent)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [
        next(o["data"]["text/html"] for o in cell["outputs"] if "data" in o)
        for cell in nbformat.read(path, as_version=4).cells
    ]


def test_a_report_shows_verdict_and_findings(shown: list[str]) -> None:
    assert "Look before you train: 1 warning." in shown[0]
    assert "<b>DUP001</b> duplicate-rows" in shown[0]
    assert "<script" not in "".join(shown)


def test_a_monitor_shows_verdict_curves_and_events(shown: list[str]) -> None:
    assert "flagged at step" in shown[1]
    assert 'class="curves' in shown[1]
    assert "<b>MON001</b> overfitting" in shown[1]
    assert "No evaluation yet." in shown[2]
