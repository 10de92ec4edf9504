"""Attributes and factors: what a linear probe reads off mu."""

from functools import partial
from typing import Any

import numpy as np

from zpoints.analyses.attributes.figures import attributes
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import fixed, listing

# Of each kind of label: the axis of its figure, and what a probe that knows nothing has there.
KINDS = {"attribute": ("AUC on held-out images", 0.5), "factor": ("R² on held-out images", 0.0)}
MEANS = {"attribute": "auc", "factor": "factor_r2"}


def shown(inputs: Inputs) -> bool:
    """Whether any model has a probe."""
    return any(probes(inputs, kind) for kind in KINDS)


def probes(inputs: Inputs, kind: str) -> dict[str, dict[str, np.ndarray]]:
    """For each model that has any, the six numbers of each probe of this kind by its label's name."""
    found = {
        model: {
            column.removeprefix(f"{kind} "): numbers
            for column, numbers in columns.items()
            if column.startswith(f"{kind} ")
        }
        for model, columns in inputs.curves["probes"].items()
    }
    return {model: labels for model, labels in found.items() if labels}


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The probes of attributes, and of factors where there are any."""
    drawn = {}
    for kind, (xlabel, chance) in KINDS.items():
        if found := probes(inputs, kind):
            mean = told(inputs, MEANS[kind], "Mean over them:", partial(fixed, digits=3))
            alt = f"{xlabel}, of a linear probe for each {kind}, for {listing(list(found))}. {mean}"
            drawn[f"{kind}s"] = Drawing(attributes(found, xlabel, chance, tints), alt)
    return drawn


def context(inputs: Inputs) -> dict[str, Any]:
    """The models with probes of each kind, and the attributes that a model's probes find best and worst."""
    found = {kind: probes(inputs, kind) for kind in KINDS}
    ends = {}
    for model, labels in found["attribute"].items():
        order = sorted(labels, key=lambda name: labels[name][0])
        ends[model] = [(name.replace("_", " "), labels[name][0]) for name in (order[-1], order[0])]
    return {"probed_attributes": list(found["attribute"]), "probed_factors": list(found["factor"]), "probe_ends": ends}
