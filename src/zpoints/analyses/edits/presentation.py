"""How the edits are called and drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import listing
from zpoints.report.results import Drawing, Results

TITLE = "Editing attributes"
POSITION = 150

METRICS = MetricGroup(
    "Edits of attributes",
    (
        Metric(
            "edits_told",
            "classifier.usable",
            "attributes told apart",
            "count",
            "Attributes that the classifier of success tells apart well enough on real images.",
        ),
        Metric(
            "edits_auc",
            "classifier.auc",
            "its AUC",
            "two",
            "AUC of that classifier on real held-out images, mean over these attributes.",
        ),
        Metric(
            "edits_auc_rebuilt",
            "classifier.rebuilt",
            "on reconstructions",
            "two",
            "AUC of that classifier on the model's reconstructions.",
        ),
        Metric(
            "edits_identity_rebuilt",
            "identity.reconstruction",
            "identity of a reconstruction",
            "two",
            "Cosine of the face features of reconstruction and original, each about the mean of its kind.",
        ),
        Metric(
            "edits_identity_two",
            "identity.two_people",
            "of two people",
            "two",
            "Cosine of the face features of two people's reconstructions.",
        ),
        Metric(
            "edits_identity_level",
            "identity.threshold",
            "identity compared at",
            "two",
            "Identity at which successes are compared, the setting `identity`.",
        ),
        Metric(
            "edits_success",
            "at_identity.mean_difference.success",
            "success, mean difference",
            "percent",
            "Edits after which the classifier sees the wanted attribute, where identity has fallen to that value.",
        ),
        Metric(
            "edits_success_low",
            "at_identity.mean_difference.low",
            "from",
            "percent",
            "Lower end of the 95% interval of this success, over the faces.",
        ),
        Metric(
            "edits_success_high",
            "at_identity.mean_difference.high",
            "to",
            "percent",
            "Upper end of the 95% interval of this success, over the faces.",
        ),
        Metric(
            "edits_success_faces",
            "at_identity.mean_difference.faces",
            "the same, null",
            "percent",
            "Success at the same identity of the difference of two training faces.",
        ),
        Metric(
            "edits_success_random",
            "at_identity.mean_difference.random",
            "any direction",
            "percent",
            "Success at the same identity of an isotropic direction; none where it never costs so much.",
        ),
        Metric(
            "edits_normal",
            "at_identity.normal.success",
            "success, probe normal",
            "percent",
            "Success at the same identity of the probe's normal; none where it never costs so much.",
        ),
    ),
)

TITLES = {"mean_difference": "mean difference", "normal": "normal of a probe"}
ALL = "all"
N_SHOWN = 4  # attributes whose pictures are shown
STRIP, N_ANALOGIES = 4, 2  # pictures of an analogy, and analogies that are shown

Panels = dict[str, dict[str, dict[str, np.ndarray]]]


def figures(results: Results) -> dict[str, Drawing]:
    """Success against identity, and strips of pictures for the first attributes and analogies."""
    from zpoints.analyses.edits.figures import tradeoff
    from zpoints.report.figures.image_grid import blocks

    panels = _panels(results)
    models = list(results.measurements)
    threshold = next(measurement.numbers["identity"]["threshold"] for measurement in results.measurements.values())
    alt = f"Share of edits that succeed against identity kept, for {listing(models)}"
    drawings = {"edits": Drawing(tradeoff(panels, threshold, results.colors), alt)}
    for number, attribute in enumerate(_edited(results)[:N_SHOWN], 1):
        strips = [(name, strip) for name in models if (strip := _strip(results, name, attribute)) is not None]
        alt = f"A held-out face, its reconstruction, and {_words(attribute)} added, by {listing(models)}"
        # Numbered: a name from a user's file is no file name.
        drawings[f"edits_{number}"] = Drawing(blocks(strips, results.colors, rows=1), alt)
    titles = _titles(results)[:N_ANALOGIES]
    answers = [
        (name, pictures[: STRIP * N_ANALOGIES])
        for name, pictures in results.pictures("analogies")
        if list(_analogies(results, name))[:N_ANALOGIES] == titles
    ]
    if answers:
        alt = f"a, b, c and a - b + c, decoded by {listing([name for name, _ in answers])}: {listing(titles)}"
        drawings["analogies"] = Drawing(blocks(answers, results.colors, rows=1), alt)
    return drawings


def context(results: Results) -> dict[str, Any]:
    """The attributes that are drawn, the strengths, and what the least of them does."""
    panels = _panels(results)
    curves = panels.get(TITLES["mean_difference"]) or next(iter(panels.values()))
    numbers = next(iter(results.measurements.values())).numbers
    return {
        "strips": {f"edits_{number}": _words(name) for number, name in enumerate(_edited(results)[:N_SHOWN], 1)},
        "first": {name: _first(columns) for name, columns in curves.items()},
        "strengths": next(iter(curves.values()))["strength"][1:].tolist(),
        "classifier": numbers["classifier"],
        "analogies": _titles(results),
        "analogies_shown": N_ANALOGIES,
        "solved": {name: solved for name in results.measurements if (solved := _analogies(results, name))},
    }


def _words(name: str) -> str:
    return name.replace("_", " ")


def _first(columns: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Success without an edit, and success and identity at the least strength."""
    least = {key: float(columns[key][1]) for key in ("success", "success_low", "success_high", "identity")}
    return least | {"before": float(columns["success"][0])}


def _analogies(results: Results, name: str) -> dict[str, Mapping[str, Any]]:
    """The analogies of one model by what their answers should show."""
    return {f"{_words(solved['x'])} and {_words(solved['y'])}": solved for solved in results.numbers(name)["analogies"]}


def _titles(results: Results) -> list[str]:
    """The analogies that any model has."""
    return list(dict.fromkeys(title for name in results.measurements for title in _analogies(results, name)))


def _panels(results: Results) -> Panels:
    """For each kind of direction and model the curves over all attributes, strength by strength."""
    panels: Panels = {}
    for direction, title in TITLES.items():
        for name, columns in results.curves("edits").items():
            chosen = (columns["direction"] == direction) & (columns["attribute"] == ALL)
            if chosen.any():
                panels.setdefault(title, {})[name] = {key: values[chosen] for key, values in columns.items()}
    return panels


def _edited(results: Results) -> list[str]:
    """The attributes that any model's faces were given, in their order."""
    return list(dict.fromkeys(name for model in results.measurements for name in results.numbers(model)["edited"]))


def _strip(results: Results, name: str, attribute: str) -> np.ndarray | None:
    """The pictures of one attribute; None where the model has none."""
    edited = results.numbers(name)["edited"]
    if attribute not in edited:
        return None
    strips = np.split(results.measurements[name].arrays["edits"], len(edited))
    return strips[edited.index(attribute)]
