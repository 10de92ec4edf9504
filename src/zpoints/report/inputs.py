"""Everything the report shows, read and held against what it should be: measurements and pictures, never weights."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.comparison.table import read_measurement
from zpoints.comparison.topic import Curve
from zpoints.comparison.topics import TOPICS
from zpoints.errors import UserError
from zpoints.report.table import words

Curves = dict[str, dict[str, np.ndarray]]

PATHS = ("linear", "spherical", "origin", "images_shaped", "images_isotropic")
QUALITIES = ("best", "median", "worst")
ANALOGIES = "analogies"
ORIGINALS, RECONSTRUCTIONS = "originals", "reconstructions"
_KINDS: dict[Any, str] = {str: "a text", int: "a whole number", list: "a list", int | float: "a number"}


@dataclass(frozen=True)
class Inputs:
    """All by model name, in the order of params.yaml."""

    data: dict[str, Any]  # prepare.json
    rows: dict[str, dict[str, Any]]  # the table of models.json
    curves: dict[str, Curves]  # by the names of the files; VAEs alone where plain autoencoders have none
    similarity: dict[str, Any]  # similarity.json: all pairs of models
    maps: list[dict[str, Any]]  # maps.json: all pairs of models, at each t-SNE map
    analogies: dict[str, list[dict[str, Any]]]  # edits.json: x, y, and shares of answers that have both
    drawn: dict[str, dict[str, Any]]  # samples.json: for each sampler, the radii it drew
    used: dict[str, dict[str, Any]]  # model.json: `model` and `training` as they were when it was trained
    layers: dict[str, list[dict[str, str]]]  # parameters.csv
    pictures: dict[str, dict[str, np.ndarray]]  # uint8 (n, size, size, 3), memory-mapped, of each kind and sampler
    samplers: tuple[str, ...]


@dataclass(frozen=True)
class Folders:
    """Where the inputs lie."""

    comparison: Path
    measurements: Path
    samples: Path
    similarity: Path
    models: Path
    edits: Path
    paths: Path
    evaluation: Path

    def further(self) -> list[tuple[str, Path, str]]:
        """Pictures that a model need not have: their kind, the folder of all models, and the file in a model's own."""
        return [
            ("edits", self.edits, "edits.npy"),
            (ANALOGIES, self.edits, "analogies.npy"),
            *((f"path_{path}", self.paths, f"{path}.npy") for path in PATHS),
            *((f"quality_{kind}", self.evaluation, f"{kind}.npy") for kind in QUALITIES),
        ]


def read_inputs(names: Iterable[str], samplers: Iterable[str], folders: Folders) -> Inputs:
    """Read what the report needs of these models. Raises UserError naming the file that is not as expected."""
    names, samplers = tuple(names), tuple(samplers)
    data = _read_data(folders.measurements / "prepare.json")
    rows = _read_rows(folders.comparison / "models.json", names)
    vaes = [name for name in names if rows[name]["kind"] == "vae"]
    return Inputs(
        data=data,
        rows=rows,
        curves={
            curve.name: _read_curves(folders.comparison / f"{curve.name}.csv", vaes if curve.vae_only else names, curve)
            for topic in TOPICS
            for curve in topic.curves
        },
        similarity=_read_similarity(folders.similarity / "similarity.json", names),
        maps=_read_maps(folders.comparison / "maps.json", names),
        analogies={name: _read_analogies(folders.measurements / name / "edits.json") for name in names},
        drawn={name: _read_drawn(folders.measurements / name / "samples.json", samplers) for name in names},
        used={name: _read_used(folders.models / name / "model.json") for name in names},
        layers={name: _read_layers(folders.models / name / "parameters.csv") for name in names},
        pictures=_read_pictures(folders, names, samplers, data["size"]),
        samplers=samplers,
    )


def of_models(inputs: Inputs, kind: str) -> list[tuple[str, np.ndarray]]:
    """The pictures of one kind, by model."""
    return [(name, pictures[kind]) for name, pictures in inputs.pictures.items()]


def _read_data(path: Path) -> dict[str, Any]:
    data = read_measurement(path)
    kinds = {"source": str, "images": int, "train": int, "held_out": int, "size": int, "skipped": list}
    for key, kind in kinds.items():
        if not isinstance(data.get(key), kind):
            raise UserError(f"{path}: expected {key}, {_KINDS[kind]}, received {data.get(key)!r}")
    return data


def _read_rows(path: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    content = read_measurement(path)
    for name in names:
        row = content.get(name)
        if not isinstance(row, dict):
            received = ", ".join(content) or "none"
            raise UserError(f"{path}: expected a row for each model in params, received none for {name} ({received})")
        for key in row.keys() | {"kind", "z_dim"}:
            kinds = str if key in words() else int | float
            if not isinstance(row.get(key), kinds):
                raise UserError(f"{path}: expected {name}.{key}, {_KINDS[kinds]}, received {row.get(key)!r}")
    return {name: content[name] for name in names}


def _read_drawn(path: Path, samplers: Sequence[str]) -> dict[str, Any]:
    content = read_measurement(path)
    for sampler in samplers:
        entry = content.get(sampler)
        for key in ("radius_mean", "radius_std"):
            value = entry.get(key) if isinstance(entry, dict) else None
            if not isinstance(value, int | float):
                raise UserError(f"{path}: expected {sampler}.{key}, a number, received {value!r}")
    return content


def _read_similarity(path: Path, names: Sequence[str]) -> dict[str, Any]:
    content = read_measurement(path)
    if content.get("models") != list(names):
        raise UserError(f"{path}: expected models {', '.join(names)}, received {content.get('models')!r}")
    pairs = content.get("pairs")
    expected = list(combinations(names, 2))
    if not isinstance(pairs, list) or [(pair.get("a"), pair.get("b")) for pair in pairs] != expected:
        raise UserError(f"{path}: expected an entry for each of {len(expected)} pairs; run `dvc repro`")
    return content


def _read_maps(path: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    kinds: dict[str, Any] = {"map": int, "a": str, "b": str, "points": int}
    kinds |= dict.fromkeys(("residual", "residual_shuffled", "neighbours", "neighbours_by_chance"), int | float)
    found = _expect_entries(path, "pairs", read_measurement(path).get("pairs"), kinds)
    expected = list(combinations(names, 2))
    if [(one["a"], one["b"]) for one in found if one["map"] == 1] != expected:
        raise UserError(f"{path}: expected an entry for each of {len(expected)} pairs at map 1; run `dvc repro`")
    return found


def _read_analogies(path: Path) -> list[dict[str, Any]]:
    found = read_measurement(path).get(ANALOGIES)
    kinds = {"x": str, "y": str, "triples": int} | dict.fromkeys(("both", "before", "null"), int | float)
    return _expect_entries(path, ANALOGIES, found, kinds)


def _expect_entries(path: Path, name: str, found: Any, kinds: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A list of mappings that have all these keys, each of its kind."""
    if not isinstance(found, list):
        raise UserError(f"{path}: expected {name}, {_KINDS[list]}, received {found!r}")
    for at, one in enumerate(found):
        for key, kind in kinds.items():
            value = one.get(key) if isinstance(one, dict) else None
            if not isinstance(value, kind):
                raise UserError(f"{path}: expected {name}.{at}.{key}, {_KINDS[kind]}, received {value!r}")
    return found


def _read_used(path: Path) -> dict[str, Any]:
    content = read_measurement(path)
    for key in ("model", "training"):
        if not isinstance(content.get(key), dict):
            raise UserError(f"{path}: expected {key}, a mapping, received {content.get(key)!r}")
    return content


def _read_csv(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            return list(reader.fieldnames or ()), list(reader)
    except OSError:
        raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: expected CSV, received: {error}") from None


def _read_curves(path: Path, names: Sequence[str], curve: Curve) -> Curves:
    """For each model its columns, float64 or texts; a column that is empty for a model is left out for it."""
    if not names:
        return {}
    columns, lines = _read_csv(path)
    for column in ("model", *curve.columns):
        if column not in columns:
            raise UserError(f"{path}: expected a column {column}, received {', '.join(columns) or 'none'}")
    curves: Curves = {}
    for name in names:
        own = [line for line in lines if line["model"] == name]
        if not own:
            raise UserError(f"{path}: expected lines of each model, received none of {name}; run `dvc repro`")
        texts = {column: [line[column] for line in own] for column in columns if column != "model"}
        curves[name] = {
            column: np.array(values) if column in curve.words else _numbers(path, f"{column} of {name}", values)
            for column, values in texts.items()
            if column in curve.columns or any(values)
        }
    return curves


def _numbers(path: Path, what: str, texts: Sequence[str]) -> np.ndarray:
    try:
        values = np.array([float(text) for text in texts])
    except (TypeError, ValueError) as error:
        raise UserError(f"{path}: expected numbers for {what}, received: {error}") from None
    if not np.isfinite(values).all():
        raise UserError(f"{path}: expected finite numbers for {what}, received {values[~np.isfinite(values)][0]}")
    return values


def _read_layers(path: Path) -> list[dict[str, str]]:
    columns, lines = _read_csv(path)
    if missing := {"part", "layer", "output", "parameters"} - set(columns):
        raise UserError(f"{path}: expected a column {min(missing)}, received {', '.join(columns) or 'none'}")
    for line in lines:
        if not str(line["parameters"]).isdecimal():
            raise UserError(f"{path}: expected a count for {line['layer']}, received {line['parameters']!r}")
    return lines


def _read_pictures(
    folders: Folders, names: Sequence[str], samplers: Sequence[str], size: int
) -> dict[str, dict[str, np.ndarray]]:
    """The pictures of all models, of one shape per kind; the originals must be the same for all."""
    pictures: dict[str, dict[str, np.ndarray]] = {}
    for name in names:
        files = {kind: folders.samples / name / f"{kind}.npy" for kind in (ORIGINALS, RECONSTRUCTIONS, *samplers)}
        pictures[name] = {kind: _read_array(path, size) for kind, path in files.items()}
        first = pictures[names[0]]
        _same_count(files[RECONSTRUCTIONS], pictures[name][RECONSTRUCTIONS], pictures[name][ORIGINALS])
        for sampler in samplers:
            _same_count(files[sampler], pictures[name][sampler], first[sampler])
        if not np.array_equal(pictures[name][ORIGINALS], first[ORIGINALS]):
            raise UserError(f"{files[ORIGINALS]}: expected the images of {names[0]}, received others; run `dvc repro`")
        for kind, folder, file in folders.further():
            path = folder / name / file
            # Without labels nothing is edited, and the file has no picture.
            if path.exists() and len(array := _read_array(path, size, least=0)):
                pictures[name][kind] = array
    return pictures


def _read_array(path: Path, size: int, least: int = 1) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path}: expected decoded images, received no such file; run `dvc repro`") from None
    except (OSError, ValueError, EOFError) as error:
        reason, *_ = str(error).split("\n")
        raise UserError(f"{path}: expected a .npy array, received: {reason}") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: expected a .npy array, received an archive of arrays")
    if array.ndim != 4 or len(array) < least or array.shape[1:] != (size, size, 3) or array.dtype != np.uint8:
        received = f"{array.dtype} {array.shape}"
        raise UserError(f"{path}: expected uint8 (n, {size}, {size}, 3), received {received}")
    return array


def _same_count(path: Path, array: np.ndarray, other: np.ndarray) -> None:
    if len(array) != len(other):
        raise UserError(f"{path}: expected {len(other)} images as elsewhere, received {len(array)}; run `dvc repro`")
