from __future__ import annotations

import importlib
import pkgutil
import random
from pathlib import Path

import pytest

import benchmarks.defects
from benchmarks.defects import PLANTERS
from benchmarks.quality import NOT_OURS, main
from dataguard.registry import load_checks

for module in pkgutil.iter_modules(benchmarks.defects.__path__, "benchmarks.defects."):
    importlib.import_module(module.name)

PAGE = Path(__file__).parents[2] / "docs" / "checks-quality.md"


def test_every_check_has_a_planter() -> None:
    assert PLANTERS.keys() == load_checks().keys() - NOT_OURS


def test_the_page_has_figures_of_every_check() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [code for code in PLANTERS if f"[{code}](checks/{code}.md)" not in page] == []


@pytest.mark.parametrize("code", sorted(PLANTERS))
def test_a_planter_makes_the_same_from_the_same_seed_and_its_twin_differs(code: str) -> None:
    planted = PLANTERS[code](random.Random("a seed"))
    assert planted == PLANTERS[code](random.Random("a seed"))
    assert planted.files != planted.clean
    assert set(planted.rows) <= set(planted.files)
    for name, rows in planted.rows.items():
        lines = planted.files[name].count(b"\n")
        assert all(0 <= row <= lines for row in rows)


def test_what_is_found_missed_and_wrongly_told_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["FMT003", "FIL003", "--seeds", "0,1"])
    told = capsys.readouterr().out
    assert "FMT003 stray-whitespace" in told
    assert told.count("recall 1.000  precision 1.000  false alarms 0 of 2") == 2
