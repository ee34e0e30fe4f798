"""The pages of the frameworks: each adapter has one, and what they show runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from dataguard.monitor import adapters

PAGES = Path(__file__).parents[2] / "docs" / "monitor"
SHARED = {"__init__", "boosting", "session", "steps"}
"""Files of the adapters that are no adapter."""

ADAPTERS = {path.stem for path in Path(adapters.__path__[0]).glob("*.py")} - SHARED
FRAMEWORKS = sorted({*ADAPTERS, "trl"})  # TRL's trainers are Transformers' own

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_adapter_has_a_page() -> None:
    assert [f for f in FRAMEWORKS if not (PAGES / f"{f}.md").exists()] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_page_says_what_a_user_needs(framework: str) -> None:
    page = (PAGES / f"{framework}.md").read_text(encoding="utf-8")
    assert BLOCK.search(page)
    assert re.search("MonitorCallback|TorchMonitor|from dataguard.monitor", page)
    words = page.lower()
    if framework != "trl":  # it says that the page of Transformers holds
        assert all(word in words for word in ("stop", "resum"))


# What frameworks warn of in their own code is dealt with in their tests; a page shows ours.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_examples_of_a_page_run(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip(framework, reason=f"needs {framework}: pip install '.[test]'")
    monkeypatch.chdir(tmp_path)
    page = (PAGES / f"{framework}.md").read_text(encoding="utf-8")
    known = {"__name__": "__main__"}
    with threadpool_limits(1):  # small models are slower on more threads
        for block in BLOCK.findall(page):
            exec(compile(block, f"docs/monitor/{framework}.md", "exec"), known)
