"""The Arrow form of a table's cells, and the fit of older rows into it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ledger_async import RowRefusedError, json
from ledger_async.mirror.arrow import Builder, Values, builder_of, schema_of
from ledger_async.mirror.table import Cells, Column, Table


class Columns:
    """Makes record batches of a table's cells."""

    def __init__(self, table: Table) -> None:
        self.schema = schema_of(table.columns)
        self._builders = [(each.name, _builder(each)) for each in table.columns]

    def batch(self, cells: Sequence[Cells]) -> Any:
        """The rows as a `pyarrow.RecordBatch`; `RowRefusedError` names what is too large for it."""
        arrays = [_array(each, *pair) for each, pair in zip(cells, self._builders, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _builder(column: Column) -> Builder:
    """The builder of a column's cells, in which documents are text."""
    builder = builder_of(column)
    if column.kind != "json":
        return builder
    if builder.type == pa.string():  # a document stays one
        return Builder(builder.type, partial(pa.array, type=builder.type))
    return Builder(builder.type, lambda cells: builder.build(_decoded(cells, column.type)))


def _decoded(documents: Values, type_: Any) -> list[Any]:
    text = ",".join("null" if each is None else each for each in documents)
    values: list[Any] = json.decode(f"[{text}]", type=list[type_ | None])
    return values


def _array(cells: Cells, name: str, builder: Builder) -> Any:
    try:
        return builder.build(cells)
    except OverflowError:
        raise RowRefusedError(f"{name}: {_largest(cells)} has more than 64 bits") from None
    except UnicodeError:
        raise RowRefusedError(f"{name}: a text is not Unicode") from None
    except (pa.ArrowInvalid, pa.ArrowCapacityError):
        raise RowRefusedError(f"{name}: a value is none of {builder.type}") from None


def _largest(cells: Cells) -> object:
    ids = [each for each in cells if isinstance(each, int)]
    return max(ids, key=abs) if ids else "an id"


def fits(old: Any, new: Any) -> bool:
    """True if values of the old type can be held by the new one, which may have more fields."""
    if pa.types.is_struct(old) and pa.types.is_struct(new):
        return all(_has(new, old.field(at)) for at in range(old.num_fields))
    if pa.types.is_list(old) and pa.types.is_list(new):
        return fits(old.value_type, new.value_type)
    return bool(old.equals(new))


def _has(new: Any, field: Any) -> bool:
    at = new.get_field_index(field.name)
    return at >= 0 and fits(field.type, new.field(at).type)


def fitted(table: Any, schema: Any) -> Any:
    """The table under a schema that it fits: columns and fields that it lacks are null."""
    if table.schema.equals(schema):
        return table
    batch = pa.Table.from_batches(table.to_batches()).combine_chunks()
    arrays = [_fitted(_chunk(batch, field.name), field.type, len(batch)) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _chunk(table: Any, name: str) -> Any:
    if name not in table.column_names:
        return None
    column = table.column(name)
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _fitted(array: Any, type_: Any, length: int) -> Any:
    if array is None:
        return pa.nulls(length, type_)
    if array.type.equals(type_):
        return array
    if pa.types.is_struct(type_):
        return _fitted_struct(array, type_)
    ends = array.offsets
    starts = pc.if_else(_padded(array.is_null()), None, ends)
    items = _fitted(array.values, type_.value_type, len(array.values))
    return pa.ListArray.from_arrays(starts, items, type=type_)


def _padded(mask: Any) -> Any:
    return pa.concat_arrays([mask, pa.array([False])])


def _fitted_struct(array: Any, type_: Any) -> Any:
    fields = [type_.field(at) for at in range(type_.num_fields)]
    inner = [_fitted(_field(array, each.name), each.type, len(array)) for each in fields]
    return pa.StructArray.from_arrays(inner, fields=fields, mask=array.is_null())


def _field(array: Any, name: str) -> Any:
    return array.field(name) if array.type.get_field_index(name) >= 0 else None
