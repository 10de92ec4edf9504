"""The one reader of the project's own outs: arrays, JSON and tables.

What lies on disk is not trusted. Sizes are bounded, nothing is unpickled, and each fault is a UserError of one line:
the file, what was expected and what was received.
"""

from __future__ import annotations

import csv
import io
import json
import math
import mmap
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
from pydantic import BaseModel, ValidationError

from zpoints.errors import UserError
from zpoints.files import clipped, read_text, refuse_irregular

if TYPE_CHECKING:
    import pandas as pd

MAX_JSON_BYTES = 16 << 20
MAX_TABLE_BYTES = 64 << 20
MAX_DEPTH = 50
MAX_LINES = 10  # of one error
CHUNK = 1 << 20  # numbers that are checked at once


def read_array(
    path: Path,
    dtype: type[np.generic] | None = None,
    shape: tuple[int | None, ...] | None = None,
    ndim: int | None = None,
    mapped: bool = False,
    finite: bool = False,
) -> np.ndarray:
    """The array of a .npy file, in memory or, read-only, `mapped`.

    dtype: its type, a family such as np.floating, or None for any. shape: its lengths, None for any.
    finite: no NaN, no infinity.
    Raises UserError where the file is missing, damaged, longer or shorter than its header says, or another array.
    """
    array = _load(path, mapped)
    dtype = dtype or array.dtype.type
    if not np.issubdtype(array.dtype, dtype) or not array.dtype.isnative or not _fits(array.shape, shape, ndim):
        shape = (None,) * ndim if shape is None and ndim is not None else shape
        of = "" if shape is None else f" of shape {_shape(shape)}"
        received = f"{array.dtype} of shape {_shape(array.shape)}"
        raise UserError(f"{path}: expected {dtype.__name__.rstrip('_')}{of}, received {received}")
    if finite:
        _refuse_non_finite(path, array)
        if isinstance(array.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            array.base.madvise(mmap.MADV_DONTNEED)  # or the whole file, once looked at, stays resident
    return array


def read_json(path: Path, model: type[BaseModel] | None = None, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """The content of a JSON file; an instance of the pydantic `model`, where one is given.

    Raises UserError where the file is missing, too large, nested too deeply or not JSON, where a key stands twice or a
    number is not finite, and with a line for each key that does not fit the model.
    """
    text = read_text(path, "JSON", max_bytes)
    try:
        content = json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, parse_float=_finite_float
        )
        _refuse_unusable(content)
    except RecursionError:
        raise UserError(f"{path}: expected JSON of at most {MAX_DEPTH} levels, received more") from None
    except ValueError as error:
        raise UserError(f"{path}: expected JSON, received: {clipped(error)}") from None
    if model is None:
        return content
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise UserError(*_explain(path, error)) from None


def read_table(
    path: Path,
    columns: Sequence[str] = (),
    optional: Sequence[str] | None = (),
    text: Sequence[str] | None = None,
    max_bytes: int = MAX_TABLE_BYTES,
) -> pd.DataFrame:
    """The table of a CSV file with a header: int64 or float64 columns of finite numbers, and columns of texts.

    columns: must be there; others may. optional: columns whose cells may be empty, which is NaN;
    None for all.
    text: the columns that hold texts. Unless given, these are the columns with a cell that is no number, since a user's
    labels may look like numbers; of `columns`, those without a single number.
    Raises UserError where the file is missing, too large or not CSV, and where a column or cell is not as expected.
    """
    import pandas as pd

    header, lines = _read_cells(path, max_bytes)
    for column in columns:
        if column not in header:
            raise UserError(f"{path}: expected a column {column}, received {clipped(', '.join(header)) or 'none'}")
    cells = dict(zip(header, zip(*lines, strict=True), strict=True)) if lines else dict.fromkeys(header, ())
    table = {}
    for column, values in cells.items():
        is_text = column in text if text is not None else _is_text(values, column in columns)
        table[column] = values if is_text else _numbers(path, column, values, optional is None or column in optional)
    return pd.DataFrame(table, columns=header)


def _load(path: Path, mapped: bool) -> np.ndarray:
    refuse_irregular(path, "an array")
    try:
        with warnings.catch_warnings(), open(path, "rb") as file:
            warnings.simplefilter("error")  # numpy mends some headers with a warning; none of ours needs it
            shape, fortran, dtype = _read_header(file)
            begin = file.tell()
            size = os.fstat(file.fileno()).st_size
            whole = begin + math.prod(shape) * dtype.itemsize
            if size == whole:  # or a mapping would reach beyond the file
                order: Literal["F", "C"] = "F" if fortran else "C"
                array = np.memmap(file, dtype=dtype, mode="r", offset=begin, shape=shape, order=order)
                return array if mapped else np.array(array)
    except OSError as error:
        raise UserError(f"{path}: expected an array, received: {error.strerror or error}") from None
    except Exception as error:  # a damaged header ends numpy's parser in a dozen ways
        raise UserError(f"{path}: expected a whole .npy file, received: {clipped(error)}") from None
    raise UserError(f"{path}: expected {whole} bytes, as its header says, received {size}")


def _read_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and type of plain numbers or texts; ValueError for others, over some of which numpy would crash."""
    version = np.lib.format.read_magic(file)  # of .npy alone: no pickle, no zip
    if version != (1, 0):
        raise ValueError(f"format {version[0]}.{version[1]}")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.kind not in "biufU" or not dtype.itemsize:
        raise ValueError(f"values of type {dtype}")
    if any(type(length) is not int or length < 0 for length in shape) or math.prod(shape) > sys.maxsize:
        raise ValueError(f"shape {shape}")
    return shape, fortran, dtype


def _fits(received: tuple[int, ...], shape: tuple[int | None, ...] | None, ndim: int | None) -> bool:
    if ndim is not None and len(received) != ndim:
        return False
    if shape is None:
        return True
    return len(received) == len(shape) and all(
        expected in (None, length) for expected, length in zip(shape, received, strict=True)
    )


def _shape(shape: tuple[int | None, ...]) -> str:
    lengths = ["any" if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def _refuse_non_finite(path: Path, array: np.ndarray) -> None:
    if not np.issubdtype(array.dtype, np.inexact):
        return
    rows = np.atleast_1d(array)
    step = max(1, CHUNK // max(1, math.prod(rows.shape[1:])))
    for start in range(0, len(rows), step):
        chunk = rows[start : start + step].reshape(len(rows[start : start + step]), -1)
        if not (finite := np.isfinite(chunk)).all():
            row, entry = np.argwhere(~finite)[0]
            raise UserError(f"{path}: expected finite numbers, received {chunk[row, entry]} in row {start + row}")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)} twice")
    return content


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name}, which is no finite number")


def _finite_float(text: str) -> float:
    return value if math.isfinite(value := float(text)) else _refuse_constant(text)


def _refuse_unusable(content: Any) -> None:
    """Raise RecursionError for more than MAX_DEPTH levels, ValueError for a text that UTF-8 cannot hold."""
    level = [content]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value, *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                value.encode("utf-8")
        if not below:
            return
        level = below
    raise RecursionError


def _explain(path: Path, error: ValidationError) -> list[str]:
    lines = []
    for fault in error.errors(include_url=False):
        key = ".".join(map(str, fault["loc"])) or "its content"
        if fault["type"] == "missing":
            lines.append(f"{path}: {key}: expected a value, received none")
        elif fault["type"] == "extra_forbidden":
            lines.append(f"{path}: {key}: expected no such key, received one")
        else:
            expected = fault["msg"].removeprefix("Input should be ")
            lines.append(f"{path}: {key}: expected {expected}, received {clipped(json.dumps(fault['input']))}")
    if len(lines) > MAX_LINES:
        lines[MAX_LINES - 1 :] = [f"{path}: and {len(lines) - MAX_LINES + 1} faults more"]
    return lines


def _read_cells(path: Path, max_bytes: int) -> tuple[list[str], list[list[str]]]:
    """Header and lines; pandas' own reader would fill, cut off or rename what does not fit the header."""
    reader = csv.reader(io.StringIO(read_text(path, "CSV", max_bytes), newline=""), strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) < len(header) or not all(header):
            raise UserError(f"{path}: expected columns of different names, received {clipped(', '.join(header))}")
        lines = []
        for cells in reader:
            if len(cells) != len(header):
                raise UserError(f"{path}: line {reader.line_num}: expected {len(header)} cells, received {len(cells)}")
            lines.append(cells)
    except csv.Error as error:
        raise UserError(f"{path}: line {reader.line_num}: expected CSV, received: {error}") from None
    if not header:
        raise UserError(f"{path}: expected CSV with a header, received an empty file")
    return header, lines


def _is_text(values: Sequence[str], strict: bool) -> bool:
    numbers = [_is_number(cell) for cell in values if cell]
    return bool(numbers) and not (any(numbers) if strict else all(numbers))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(path: Path, column: str, texts: Sequence[str], optional: bool) -> np.ndarray:
    try:
        return np.array([int(text) for text in texts], dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if optional and not text:
            continue
        if not _is_number(text) or not math.isfinite(float(text)):
            received = repr(clipped(text)) if text else "an empty cell"
            raise UserError(f"{path}: {column}: expected finite numbers, received {received} in row {row}")
        numbers[row] = float(text)
    return numbers
