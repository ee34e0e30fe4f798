"""A suite run by Great Expectations: no analytics, no files, no output."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from dataguard.expectations.cells import Frames
    from dataguard.expectations.suite import Expectation, Suite

NEEDED = "needs Great Expectations: pip install 'dataguard[gx]'"

NUMBER = "dataguard_number"
"""Key of an expectation's `meta` that holds its place in the suite."""


class Failed(msgspec.Struct, frozen=True):
    """One expectation that does not hold, or could not be asked.

    Attributes:
        expectation: The expectation.
        rows: The rows concerned, ascending; empty where it is about a column or the table.
        values: What stands in them, parallel to `rows`; empty where that is not known.
        asked: How many rows were asked: those that are not missing, and meet its condition.
        observed: What was seen, for expectations about a column or the table.
        problem: Why it could not be asked; empty where it was.
    """

    expectation: Expectation
    rows: tuple[int, ...] = ()
    values: tuple[Any, ...] = ()
    asked: int = 0
    observed: str = ""
    problem: str = ""


def require_gx() -> None:
    """Raise where Great Expectations is not installed; does not load it.

    Raises:
        ConfigError: It is not.
    """
    if importlib.util.find_spec("great_expectations") is None:
        raise ConfigError(f"a suite of expectations {NEEDED}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither warnings nor log nor output of Great Expectations, and no analytics."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def run_suite(suite: Suite, frames: Frames) -> list[Failed]:
    """The expectations of a suite that do not hold, in its order.

    Each is asked of the table as pandas reads it; where it cannot be, and its columns differ in
    the other form, of that. Expectations of columns that are not there are left out.

    Raises:
        ConfigError: Great Expectations is not installed.
    """
    require_gx()
    there = set(frames.plain.columns)
    wanted = {i: e for i, e in enumerate(suite.expectations) if all(c in there for c in e.columns)}
    with _quiet():
        found = _run(wanted, frames.plain)
        again = {
            i: e
            for i, e in wanted.items()
            if found[i] is not None and _may_be_asked_again(found[i], frames)
        }
        if again:
            found |= _run(again, frames.coerced)
    return [failed for i in sorted(found) if (failed := found[i]) is not None]


def _may_be_asked_again(failed: Failed | None, frames: Frames) -> bool:
    if failed is None or not failed.problem:
        return False
    return any(c in frames.differing for c in failed.expectation.columns)


def _run(wanted: Mapping[int, Expectation], frame: pd.DataFrame) -> dict[int, Failed | None]:
    """What failed, None where nothing did, by the expectation's place."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    found: dict[int, Failed | None] = {}
    ready = []
    for number, expectation in wanted.items():
        built, problem = _built(expectation, number)
        if problem:
            found[number] = Failed(expectation, problem=problem)
        else:
            ready.append(built)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("dataguard").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(
        batch_parameters={"dataframe": frame}
    )
    return found | _asked(batch, ready, wanted)


def _asked(
    batch: Any, ready: Sequence[Any], wanted: Mapping[int, Expectation]
) -> dict[int, Failed | None]:
    """What became of expectations; where they cannot be asked together, each is asked alone."""
    import great_expectations as gx

    if not ready:
        return {}
    suite = gx.ExpectationSuite(name="dataguard", expectations=list(ready))
    try:
        results = batch.validate(suite, result_format={"result_format": "COMPLETE"}).results
    except Exception as error:  # noqa: BLE001 - whatever an expectation, built in or not, raises
        if len(ready) == 1:
            number = ready[0].meta[NUMBER]
            return {number: Failed(wanted[number], problem=_one_line(error))}
        alone = [_asked(batch, [each], wanted) for each in ready]
        return {number: failed for one in alone for number, failed in one.items()}
    found: dict[int, Failed | None] = {}
    for result in results:
        number = result.expectation_config.meta[NUMBER]
        found[number] = None if result.success else _failed(wanted[number], result)
    return found


def _built(expectation: Expectation, number: int) -> tuple[Any, str]:
    """The expectation as Great Expectations has it, and why it cannot be made."""
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    condition = expectation.kwargs.get("row_condition")
    if isinstance(condition, str) and re.search(r"@|__", condition):
        return None, "its `row_condition` holds '@' or '__', which could run code"
    try:
        made = get_expectation_impl(expectation.type)
    except ExpectationNotFoundError:
        return None, f"Great Expectations knows no such expectation{_near(expectation.type)}"
    try:
        return made(**{**expectation.kwargs, "meta": {NUMBER: number}}), ""
    except (ValueError, TypeError, LookupError) as error:
        return None, _one_line(error)


def _near(name: str) -> str:
    from great_expectations.expectations.registry import (
        list_registered_expectation_implementations as known,
    )

    from dataguard.errors import did_you_mean

    hint = did_you_mean(name, known())
    return hint if "did you mean" in hint else ""


def _one_line(error: Exception) -> str:
    """An error in one line; those of pydantic name the fields on lines of their own."""
    errors = getattr(error, "errors", None)
    if callable(errors):
        parts = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors()]
        return "; ".join(dict.fromkeys(p.removeprefix("__root__: ") for p in parts))[:300]
    return _shortened(str(error))


def _shortened(text: str) -> str:
    return " ".join(text.split())[:300] or "no reason given"


def _failed(expectation: Expectation, result: Any) -> Failed:
    problems = _problems(result.exception_info or {})
    if problems:
        return Failed(expectation, problem=problems[0])
    facts: dict[str, Any] = result.result
    index = facts.get("unexpected_index_list")
    if not index:
        return Failed(expectation, observed=_observed(facts))
    rows = [int(i) for i in index]
    values = facts.get("unexpected_list") or []
    if len(values) != len(rows):
        values = []
    order = sorted(range(len(rows)), key=rows.__getitem__)
    asked = int(facts.get("element_count") or 0) - int(facts.get("missing_count") or 0)
    kept = tuple(values[i] for i in order) if values else ()
    return Failed(expectation, tuple(rows[i] for i in order), kept, asked)


def _problems(info: Mapping[str, Any]) -> list[str]:
    """Why an expectation could not be asked; the form differs by whether it could be begun."""
    parts: Sequence[Any] = [info] if "raised_exception" in info else list(info.values())
    raised = [p for p in parts if isinstance(p, dict) and p.get("raised_exception")]
    return [_shortened(str(p.get("exception_message") or "")) for p in raised]


def _observed(facts: Mapping[str, Any]) -> str:
    details = facts.get("details")
    told = details if isinstance(details, dict) and details else facts.get("observed_value")
    if isinstance(told, dict) and "mismatched" in told:
        told = told["mismatched"]
    if told is None:
        return ""
    if isinstance(told, float):
        return f"{told:.6g}"
    return _shortened(told if isinstance(told, str) else json.dumps(told, default=str))[:200]
