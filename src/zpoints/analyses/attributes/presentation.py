"""How the probes of attributes and factors are called and drawn."""

from functools import partial
from typing import Any

import numpy as np

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import fixed, listing
from zpoints.report.results import Drawing, Results

TITLE = "Attributes and factors in mu"
POSITION = 110

# Of each kind of label: the axis of its figure, what a probe that knows nothing has there, and the column of the mean.
KINDS = {"attribute": ("AUC on held-out images", 0.5, "auc"), "factor": ("R² on held-out images", 0.0, "factor_r2")}
NUMBERS = ["value", "low", "high", "null", "chance_low", "chance_high"]  # of a probe, in the order of the figure

METRICS = MetricGroup(
    "Linear probes of mu",
    (
        Metric(
            "attributes_probed",
            "attributes.probed",
            "attributes probed",
            "count",
            "Attributes with enough images with and without it; numbers.json names the others.",
        ),
        Metric(
            "auc",
            "attributes.auc.mean",
            "AUC",
            "significant",
            "Area under the ROC curve of the probes on held-out images, mean over attributes; 0.5 is chance.",
            headline=True,
        ),
        Metric(
            "auc_low",
            "attributes.auc.low",
            "from",
            "significant",
            "Lower end of the 95% interval of the mean AUC, over images.",
        ),
        Metric(
            "auc_high",
            "attributes.auc.high",
            "to",
            "significant",
            "Upper end of the 95% interval of the mean AUC, over images.",
        ),
        Metric(
            "auc_z",
            "attributes.z.mean",
            "AUC from z",
            "significant",
            "The same for probes that are fitted and tested on z, which has a VAE's noise.",
        ),
        Metric(
            "auc_lost",
            "attributes.lost.mean",
            "AUC lost to the noise",
            "significant",
            "Mean AUC from mu minus mean AUC from z, on the same held-out images.",
        ),
        Metric(
            "auc_lost_low",
            "attributes.lost.low",
            "from",
            "significant",
            "Lower end of the 95% interval of that difference of AUCs.",
        ),
        Metric(
            "auc_lost_high",
            "attributes.lost.high",
            "to",
            "significant",
            "Upper end of the 95% interval of that difference of AUCs.",
        ),
        Metric(
            "auc_null",
            "attributes.null.mean",
            "the same, null",
            "significant",
            "Mean AUC of probes of shuffled labels.",
        ),
        Metric(
            "attributes_beyond_chance",
            "attributes.beyond_chance",
            "beyond chance",
            "count",
            "Attributes whose AUC is not 1/2 at the level alpha (Mann-Whitney, Holm).",
        ),
        Metric(
            "auc_limit",
            "attributes.limit",
            "AUC detectable",
            "significant",
            "AUC of an attribute of median rarity that Holm's first step finds with 90% power.",
        ),
        Metric(
            "attributes_beyond_chance_null",
            "attributes.null_beyond_chance",
            "the same, null",
            "count",
            "Shuffled attributes whose AUC is not 1/2 by the same test.",
        ),
        Metric(
            "factor_r2",
            "factors.r2.mean",
            "R² of factors",
            "significant",
            "R² of the probes on held-out images, mean over a toy face's factors.",
        ),
        Metric(
            "factor_r2_low", "factors.r2.low", "from", "significant", "Lower end of the 95% interval of the mean R²."
        ),
        Metric(
            "factor_r2_high", "factors.r2.high", "to", "significant", "Upper end of the 95% interval of the mean R²."
        ),
        Metric(
            "factor_r2_z",
            "factors.z.mean",
            "R² from z",
            "significant",
            "Mean R² of probes that are fitted and tested on z.",
        ),
        Metric(
            "factor_r2_lost",
            "factors.lost.mean",
            "R² lost to the noise",
            "significant",
            "Mean R² from mu minus mean R² from z, on the same held-out images.",
        ),
        Metric(
            "factor_r2_lost_low",
            "factors.lost.low",
            "from",
            "significant",
            "Lower end of the 95% interval of that difference of R².",
        ),
        Metric(
            "factor_r2_lost_high",
            "factors.lost.high",
            "to",
            "significant",
            "Upper end of the 95% interval of that difference of R².",
        ),
        Metric(
            "factor_r2_null",
            "factors.null.mean",
            "the same, null",
            "significant",
            "Mean R² of probes of shuffled factors.",
        ),
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
            "DCI disentanglement with the axes of mu rotated at random.",
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
            "DCI completeness with the axes of mu rotated at random.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """The probes of attributes and of factors, where there are any."""
    from zpoints.analyses.attributes.figures import attributes

    drawings = {}
    for kind, (xlabel, chance, column) in KINDS.items():
        if probes := _probes(results, kind):
            mean = results.told(column, "Mean over them:", partial(fixed, digits=3))
            alt = f"{xlabel}, of a linear probe for each {kind}, for {listing(list(probes))}. {mean}"
            drawings[f"{kind}s"] = Drawing(attributes(probes, xlabel, chance, results.colors), alt)
    return drawings


def context(results: Results) -> dict[str, Any]:
    """The models with probes of each kind, and the attributes that a model's probes tell best and worst."""
    attributes = _probes(results, "attribute")
    ends = {}
    for model, labels in attributes.items():
        order = sorted(labels, key=lambda name: labels[name][0])
        ends[model] = [(name.replace("_", " "), labels[name][0]) for name in (order[-1], order[0])]
    return {
        "probed_attributes": list(attributes),
        "probed_factors": list(_probes(results, "factor")),
        "probe_ends": ends,
    }


def _probes(results: Results, kind: str) -> dict[str, dict[str, np.ndarray]]:
    """For each model that has any, NUMBERS of each probe of this kind by its label's name."""
    found = {}
    for model, table in results.tables("attributes").items():
        if len(rows := table[table["kind"] == kind]):
            found[model] = dict(zip(map(str, rows["name"]), rows[NUMBERS].to_numpy(np.float64), strict=True))
    return found
