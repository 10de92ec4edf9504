"""What the comparison takes from attributes.json, and how it is called."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 110

METRICS = MetricGroup(
    "What can be read off mu by a linear probe",
    (
        Metric(
            "attributes_probed",
            "attributes.probed",
            "attributes probed",
            "count",
            "Attributes with enough images with and without it; attributes.json names the others.",
        ),
        Metric("auc", "attributes.auc.mean", "AUC", "significant", "Mean over attributes, on held-out images."),
        Metric("auc_low", "attributes.auc.low", "from", "significant", "Lower end of its 95% interval, over images."),
        Metric("auc_high", "attributes.auc.high", "to", "significant", "Upper end of that interval."),
        Metric("auc_null", "attributes.null.mean", "the same, null", "significant", "For labels that were shuffled."),
        Metric(
            "attributes_beyond_chance",
            "attributes.beyond_chance",
            "beyond chance",
            "count",
            "Attributes whose AUC is not 1/2 at attributes.level (Mann-Whitney, Holm).",
        ),
        Metric(
            "attributes_beyond_chance_null",
            "attributes.null_beyond_chance",
            "the same, null",
            "count",
            "For labels that were shuffled.",
        ),
        Metric("factor_r2", "factors.r2.mean", "R² of factors", "significant", "Mean over a toy face's factors."),
        Metric("factor_r2_low", "factors.r2.low", "from", "significant", "Lower end of its 95% interval."),
        Metric("factor_r2_high", "factors.r2.high", "to", "significant", "Upper end of that interval."),
        Metric("factor_r2_null", "factors.null.mean", "the same, null", "significant", "For factors shuffled."),
        Metric(
            "disentanglement",
            "factors.disentanglement.value",
            "disentanglement",
            "significant",
            "DCI: 1 if each axis counts for one factor alone, 0 if for all alike.",
        ),
        Metric(
            "disentanglement_null",
            "factors.disentanglement.null",
            "the same, null",
            "significant",
            "With the axes of mu turned at random.",
        ),
        Metric(
            "completeness",
            "factors.completeness.value",
            "completeness",
            "significant",
            "DCI: 1 if one axis alone counts for each factor.",
        ),
        Metric(
            "completeness_null",
            "factors.completeness.null",
            "the same, null",
            "significant",
            "With the axes of mu turned at random.",
        ),
    ),
)


# ---- old section, to port ----
#     curves=(Curve("probes", ("line",)),),
# )
# """Attributes and factors: what a linear probe reads off mu."""
# 
# from functools import partial
# from typing import Any
# 
# import numpy as np
# 
# from zpoints.analyses.attributes.figures import attributes
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import fixed
# from zpoints.report.numbers import listing
# 
# # Of each kind of label: the axis of its figure, and what a probe that knows nothing has there.
# KINDS = {"attribute": ("AUC on held-out images", 0.5), "factor": ("R² on held-out images", 0.0)}
# MEANS = {"attribute": "auc", "factor": "factor_r2"}
# 
# 
# def shown(inputs: Inputs) -> bool:
#     """Whether any model has a probe."""
#     return any(probes(inputs, kind) for kind in KINDS)
# 
# 
# def probes(inputs: Inputs, kind: str) -> dict[str, dict[str, np.ndarray]]:
#     """For each model that has any, the six numbers of each probe of this kind by its label's name."""
#     found = {
#         model: {
#             column.removeprefix(f"{kind} "): numbers
#             for column, numbers in columns.items()
#             if column.startswith(f"{kind} ")
#         }
#         for model, columns in inputs.curves["probes"].items()
#     }
#     return {model: labels for model, labels in found.items() if labels}
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """The probes of attributes, and of factors where there are any."""
#     drawn = {}
#     for kind, (xlabel, chance) in KINDS.items():
#         if found := probes(inputs, kind):
#             mean = told(inputs, MEANS[kind], "Mean over them:", partial(fixed, digits=3))
#             alt = f"{xlabel}, of a linear probe for each {kind}, for {listing(list(found))}. {mean}"
#             drawn[f"{kind}s"] = Drawing(attributes(found, xlabel, chance, tints), alt)
#     return drawn
# 
# 
# def context(inputs: Inputs) -> dict[str, Any]:
#     """The models with probes of each kind, and the attributes that a model's probes find best and worst."""
#     found = {kind: probes(inputs, kind) for kind in KINDS}
#     ends = {}
#     for model, labels in found["attribute"].items():
#         order = sorted(labels, key=lambda name: labels[name][0])
#         ends[model] = [(name.replace("_", " "), labels[name][0]) for name in (order[-1], order[0])]
#     return {"probed_attributes": list(found["attribute"]), "probed_factors": list(found["factor"]), "probe_ends": ends}
