"""Attributes added to held-out faces and taken away."""

from typing import Any

import numpy as np

from zpoints.analyses.edits.figures import tradeoff
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import blocks
from zpoints.report.inputs import ANALOGIES, Inputs
from zpoints.report.numbers import listing

TITLES = {"mean_difference": "mean difference", "normal": "normal of a probe"}
ALL = "all"
PICTURE = "edits"
BEFORE = 2  # pictures of a strip before the first edit: the face and its reconstruction
SHOWN = 4  # attributes whose pictures are shown
FIRST = (("success", 0), ("success", 1), ("identity", 1), ("success_low", 1), ("success_high", 1))
STRIP, ROW = 4, 2  # pictures of an analogy, and analogies of a row


def shown(inputs: Inputs) -> bool:
    """Whether any attribute was edited."""
    return bool(_panels(inputs))


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Success against identity, and strips of pictures for the first attributes, where there are any."""
    panels = _panels(inputs)
    if not panels:
        return {}
    models = list(next(iter(panels.values())))
    level = inputs.rows[models[0]].get("edits_identity_level")
    alt = f"Share of edits that succeed against identity kept, for {listing(models)}"
    found = {"edits": Drawing(tradeoff(panels, level, tints), alt)}
    for attribute in _edited(inputs)[:SHOWN]:
        strips = [(name, strip) for name in inputs.rows if (strip := _strip(inputs, name, attribute)) is not None]
        if strips:
            alt = f"A held-out face, its reconstruction, and {attribute.replace('_', ' ')} added, by {listing(models)}"
            found[f"edits_{attribute}"] = Drawing(blocks(strips, tints, rows=1), alt)
    answers = [(name, own[ANALOGIES][: STRIP * ROW]) for name, own in inputs.pictures.items() if ANALOGIES in own]
    if answers and len({len(strip) for _, strip in answers}) == 1:
        titles = listing(_answers(inputs)[:ROW])
        alt = f"a, b, c and a - b + c, decoded by {listing([name for name, _ in answers])}: {titles}"
        found[ANALOGIES] = Drawing(blocks(answers, tints, rows=1), alt)
    return found


def context(inputs: Inputs) -> dict[str, Any]:
    """The models, the attributes that are drawn, the strengths, and the success at the least of them."""
    panels = _panels(inputs)
    curves = panels.get(TITLES["mean_difference"]) or next(iter(panels.values()), {})
    first = {
        name: tuple(columns[key][at] for key, at in FIRST)
        for name, columns in curves.items()
        if len(columns["success"]) > 1
    }
    row = next(iter(inputs.rows.values()))
    strengths = next(iter(curves.values()))["strength"][1:].tolist() if curves else []
    return {
        "edited": _edited(inputs),
        "edits_first": first,
        "edits_strengths": strengths,
        "edits_shown": SHOWN,
        "edits_told": row.get("edits_told"),
        "edits_auc": row.get("edits_auc"),
        "analogies": _answers(inputs),
        "analogies_shown": ROW,
        "analogies_found": {name: {_title(one): one for one in own} for name, own in inputs.analogies.items() if own},
    }


def _title(one: dict[str, Any]) -> str:
    return f"{one['x']} and {one['y']}".replace("_", " ")


def _answers(inputs: Inputs) -> list[str]:
    """The analogies that any model has, by what their answers should show."""
    return list(dict.fromkeys(_title(one) for own in inputs.analogies.values() for one in own))


def _panels(inputs: Inputs) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """For each kind of direction and model the curves over all attributes, strength by strength."""
    found: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for by, title in TITLES.items():
        for name, columns in inputs.curves["edits"].items():
            chosen = (columns["by"] == by) & (columns["attribute"] == ALL)
            if chosen.any():
                found.setdefault(title, {})[name] = {key: values[chosen] for key, values in columns.items()}
    return found


def _edited(inputs: Inputs) -> list[str]:
    """The attributes that were edited, in their order."""
    columns = next(iter(inputs.curves["edits"].values()), None)
    names = dict.fromkeys(columns["attribute"].tolist()) if columns else {}
    return [name for name in names if name != ALL] if ALL in names else []


def _strip(inputs: Inputs, name: str, attribute: str) -> np.ndarray | None:
    """The pictures of one attribute; None where the model has none."""
    pictures = inputs.pictures[name].get(PICTURE)
    columns = inputs.curves["edits"][name]
    order = [own for own in dict.fromkeys(columns["attribute"].tolist()) if own != ALL]
    if pictures is None or attribute not in order:
        return None
    length = BEFORE + len(np.unique(columns["strength"])) - 1
    at = order.index(attribute) * length
    return pictures[at : at + length]
