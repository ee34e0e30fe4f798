"""A Parquet file that is written anew with some values changed and the same schema."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard.errors import SourceError
from dataguard.fixing.edits import Edits, Entry
from dataguard.fixing.kinds import Kind
from dataguard.sources.table import Table

if TYPE_CHECKING:
    import polars as pl


class ParquetDocument(msgspec.Struct, eq=False):
    """One Parquet file.

    Attributes:
        table: The file as the linter reads it.
        frame: Its cells.
        stored: Its Arrow table.
        compression: How its columns are compressed.
    """

    table: Table
    frame: pl.DataFrame
    stored: Any
    compression: str

    @property
    def faults(self) -> Mapping[Kind, str]:
        """Nothing: a Parquet file has no encoding, mark or line ends."""
        return {}

    def takes_cell(self, row: int, column: str, new: str | None) -> bool:
        """Whether a cell can be given this value: texts may change, all may become null."""
        place = self.stored.schema.get_field_index(column)
        if place < 0:
            return False
        if new is None:
            return bool(self.stored.schema.field(place).nullable)
        return isinstance(self.stored.column(place)[row].as_py(), str)

    def takes_row(self, row: int) -> bool:  # noqa: ARG002
        """Whether a row can be left out."""
        return self.frame.height > 1

    def takes_column(self, column: str) -> bool:
        """Whether a column can be left out."""
        return self.frame.width > 1 and column in self.stored.column_names

    def takes_name(self, column: str) -> bool:
        """Whether a column can be renamed."""
        return column in self.stored.column_names

    def rendered(self, edits: Edits) -> bytes:
        """The file with the edits."""
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]

        table = self.stored
        changed: dict[str, dict[int, str | None]] = {}
        for (row, column), edit in edits.live_cells().items():
            changed.setdefault(column, {})[row] = edit.new
        for column, values in changed.items():
            place = table.schema.get_field_index(column)
            field, cells = table.schema.field(place), table.column(place).to_pylist()
            for row, value in values.items():
                cells[row] = value
            plain = pa.array(cells, field.type.value_type if _coded(field) else field.type)
            array = plain.dictionary_encode() if _coded(field) else plain
            table = table.set_column(place, field, array.cast(field.type))
        table = table.take(edits.kept(table.num_rows)) if edits.rows else table
        names = [edits.names.get(n, n) for n in table.column_names if n not in edits.columns]
        metadata = table.schema.metadata
        table = table.drop_columns(list(edits.columns)).rename_columns(names)
        sink = io.BytesIO()
        pq.write_table(table.replace_schema_metadata(metadata), sink, compression=self.compression)
        return sink.getvalue()

    def log(self, edits: Edits) -> list[Entry]:
        """The edits with all that is needed to undo them."""
        entries = [
            Entry("name", Kind.WHITESPACE, None, None, name, name, new)
            for name, new in edits.names.items()
        ]
        for name, kind in edits.columns.items():
            cells = self.frame.get_column(name)
            note = f"column {self.stored.column_names.index(name) + 1}"
            entries += [
                Entry("column", kind, row, None, name, _text(cells[row]), None, None, note)
                for row in edits.kept(self.frame.height)
            ]
        for row, drop in sorted(edits.rows.items()):
            old = _text(self.stored.slice(row, 1).to_pylist()[0])
            entries.append(Entry("row", drop.kind, row, None, None, old, None, None, drop.note))
        for (row, column), edit in edits.live_cells().items():
            old = _text(self.frame.get_column(column)[row])
            kinds = "+".join(dict.fromkeys(edit.kinds))
            entries.append(Entry("cell", kinds, row, None, column, old, edit.new))
        return entries


def read_document(data: bytes, table: Table) -> ParquetDocument:
    """The document of a Parquet file.

    Raises:
        SourceError: It is an Arrow file, or names a column twice.
    """
    import pyarrow.parquet as pq

    if table.format != "parquet":
        raise SourceError(table.path, "is an Arrow file: only Parquet, CSV and JSON are fixed")
    with pq.ParquetFile(io.BytesIO(data)) as file:
        stored = file.read()
        group = file.metadata.row_group(0) if file.metadata.num_row_groups else None
        compression = group.column(0).compression if group and group.num_columns else "SNAPPY"
    if len(set(stored.column_names)) < len(stored.column_names):
        raise SourceError(table.path, "cannot be edited: a column name stands in it twice")
    known = "NONE" if compression == "UNCOMPRESSED" else compression
    return ParquetDocument(table, table.frame.collect(), stored, known)


def _coded(field: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_dictionary(field.type))


def _text(value: Any) -> str | None:
    import json

    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
