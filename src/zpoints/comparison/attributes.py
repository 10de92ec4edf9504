"""What the comparison takes from attributes.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "attributes",
    "What can be read off mu by a linear probe",
    (
        Quantity(
            "attributes_probed",
            "attributes.probed",
            "attributes probed",
            "count",
            "Attributes with enough images with and without it; attributes.json names the others.",
        ),
        Quantity("auc", "attributes.auc.mean", "AUC", "significant", "Mean over attributes, on held-out images."),
        Quantity("auc_low", "attributes.auc.low", "from", "significant", "Lower end of its 95% interval, over images."),
        Quantity("auc_high", "attributes.auc.high", "to", "significant", "Upper end of that interval."),
        Quantity("auc_null", "attributes.null.mean", "the same, null", "significant", "For labels that were shuffled."),
        Quantity(
            "attributes_beyond_chance",
            "attributes.beyond_chance",
            "beyond chance",
            "count",
            "Attributes whose AUC is not 1/2 at attributes.level (Mann-Whitney, Holm).",
        ),
        Quantity(
            "attributes_beyond_chance_null",
            "attributes.null_beyond_chance",
            "the same, null",
            "count",
            "For labels that were shuffled.",
        ),
        Quantity("factor_r2", "factors.r2.mean", "R² of factors", "significant", "Mean over a toy face's factors."),
        Quantity("factor_r2_low", "factors.r2.low", "from", "significant", "Lower end of its 95% interval."),
        Quantity("factor_r2_high", "factors.r2.high", "to", "significant", "Upper end of that interval."),
        Quantity("factor_r2_null", "factors.null.mean", "the same, null", "significant", "For factors shuffled."),
        Quantity(
            "disentanglement",
            "factors.disentanglement.value",
            "disentanglement",
            "significant",
            "DCI: 1 if each axis counts for one factor alone, 0 if for all alike.",
        ),
        Quantity(
            "disentanglement_null",
            "factors.disentanglement.null",
            "the same, null",
            "significant",
            "With the axes of mu turned at random.",
        ),
        Quantity(
            "completeness",
            "factors.completeness.value",
            "completeness",
            "significant",
            "DCI: 1 if one axis alone counts for each factor.",
        ),
        Quantity(
            "completeness_null",
            "factors.completeness.null",
            "the same, null",
            "significant",
            "With the axes of mu turned at random.",
        ),
    ),
    curves=(Curve("probes", ("line",)),),
)
