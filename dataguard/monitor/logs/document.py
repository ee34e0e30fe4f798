"""Logs that are one JSON document: trainer_state.json, catboost_training.json, histories."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dataguard.errors import SourceError
from dataguard.monitor.logs.rows import Row, flat, values_of

LARGEST = 1 << 28
"""Bytes of a document at most: it is held in memory as a whole."""


class Document:
    """Reads a JSON document once it is whole.

    Known are the state of Hugging Face's Trainer (`log_history`), CatBoost's log (`iterations`),
    a list of records, and lists of values by name, as the histories of Keras, XGBoost and LightGBM.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Row]:
        self._data += data
        if len(self._data) > LARGEST:
            raise SourceError(self._path, f"a JSON document of more than {LARGEST:,} bytes")
        return []

    def close(self) -> list[Row]:
        try:
            document = json.loads(bytes(self._data))
        except json.JSONDecodeError as error:
            raise SourceError(self._path, f"is no JSON: {error.msg}", error.lineno) from None
        except (ValueError, RecursionError):
            raise SourceError(
                self._path, "is no JSON that can be read: wrong bytes, or too deep"
            ) from None
        return list(self._rows(document))

    def _rows(self, document: Any) -> Iterator[Row]:
        if isinstance(document, dict) and isinstance(document.get("log_history"), list):
            document = document["log_history"]
        if isinstance(document, dict) and isinstance(document.get("iterations"), list):
            yield from _catboost(document)
        elif isinstance(document, list):
            yield from (Row(values_of(record)) for record in document if isinstance(record, dict))
        elif isinstance(document, dict):
            yield from _history(document)
        else:
            raise SourceError(self._path, "the JSON document holds no records")


def _catboost(document: Mapping[str, Any]) -> Iterator[Row]:
    """Each iteration has, a data set, the values of its metrics, which `meta` names."""
    meta = document.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    names: dict[str, list[str]] = {}
    for kind in ("learn", "test"):
        metrics = meta.get(f"{kind}_metrics")
        listed = metrics if isinstance(metrics, list) else []
        names[kind] = [str(m.get("name", "loss")) for m in listed if isinstance(m, dict)]
    for record in document["iterations"]:
        if not isinstance(record, dict):
            continue
        found = {"iteration": record.get("iteration")}
        for data_set, values in sorted(record.items()):
            kind = data_set.rstrip("0123456789")
            if kind in names and isinstance(values, list):
                pairs = zip(names[kind], values, strict=False)
                found |= {f"{data_set}-{name}": value for name, value in pairs}
        yield Row(values_of(found))


def _history(document: Mapping[str, Any]) -> Iterator[Row]:
    """Lists of values by name; the place in the list is the step, unless a list gives it."""
    if len(document) == 1:
        (inner,) = document.values()
        document = inner if isinstance(inner, dict) else document
    curves = {name: values for name, values in flat(document) if isinstance(values, list)}
    longest = max(map(len, curves.values()), default=0)
    for place in range(longest):
        record = {name: values[place] for name, values in curves.items() if place < len(values)}
        yield Row(values_of(record), step=None if "epoch" in record else place)
