"""Maps of the clouds."""

from typing import Any

import numpy as np

from zpoints.analyses.tsne.figures import ABREAST, atlas, tsne
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing, percent


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The first map of each model beside its null's, and all maps where there are more."""
    everyone = listing(list(inputs.rows))
    first = {name: _of(columns, 1) for name, columns in inputs.curves["tsne"].items()}
    kept = told(inputs, "tsne_kept", "Neighbours kept:", percent)
    alt = f"t-SNE maps of {everyone}, each beside that of a Gaussian. {kept}"
    found = {"tsne": Drawing(tsne(first, tints), alt)}
    for plate, numbers in _atlas(inputs).items():
        maps = {
            name: [(f"map {number}", _of(columns, number)) for number in numbers if number in columns["map"]]
            for name, columns in inputs.curves["tsne"].items()
        }
        texts = listing([str(number) for number in numbers])
        found[plate] = Drawing(atlas(maps), f"t-SNE maps {texts} of {everyone}, coloured by radius")
    return found


def context(inputs: Inputs) -> dict[str, Any]:
    """What the maps were made with, the attribute that is drawn, further figures, and all pairs at the first map."""
    columns = next(iter(inputs.curves["tsne"].values()))
    recipes = dict(zip(columns["map"].astype(int).tolist(), columns["recipe"].tolist(), strict=True))
    attributes = [key.removeprefix("attribute_").replace("_", " ") for key in columns if key.startswith("attribute_")]
    return {
        "tsne_recipes": recipes,
        "tsne_attribute": attributes[0] if attributes else None,
        "tsne_atlas": _atlas(inputs),
        "tsne_pairs": [pair for pair in inputs.maps if pair["map"] == 1],
        "tsne_seeds": [(pair["a"], pair["b"]) for pair in inputs.similarity["pairs"] if pair["seed_alone"]],
    }


def _atlas(inputs: Inputs) -> dict[str, list[int]]:
    """The figures of all maps, each with its numbers; none where there is one map alone."""
    numbers = _numbers(inputs)
    places = range(0, len(numbers), ABREAST) if len(numbers) > 1 else ()
    return {f"tsne_maps_{place // ABREAST + 1}": numbers[place : place + ABREAST] for place in places}


def _numbers(inputs: Inputs) -> list[int]:
    """Numbers of all maps that any model has, ascending."""
    found = np.concatenate([columns["map"] for columns in inputs.curves["tsne"].values()])
    return [int(number) for number in np.unique(found)]


def _of(columns: dict[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """The columns of one map."""
    chosen = columns["map"] == number
    return {key: values[chosen] for key, values in columns.items()}
