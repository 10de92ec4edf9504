"""What the comparison takes from edits.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "edits",
    "Attributes added and taken away",
    (
        Quantity("edits_told", "judge.told", "attributes the judge tells", "count", "Of the labels that can be used."),
        Quantity("edits_auc", "judge.auc", "its AUC", "two", "Mean over them, on real held-out images."),
        Quantity(
            "edits_auc_rebuilt",
            "judge.rebuilt",
            "on reconstructions",
            "two",
            "On the model's reconstructions.",
        ),
        Quantity(
            "edits_identity_rebuilt",
            "identity.reconstruction",
            "identity of a reconstruction",
            "two",
            "Cosine of its face features with the original's, each about the mean of its kind.",
        ),
        Quantity("edits_identity_two", "identity.two_people", "of two people", "two", "Of their reconstructions."),
        Quantity("edits_identity_level", "identity.level", "identity compared at", "two", "edits.identity."),
        Quantity(
            "edits_success",
            "at_identity.mean_difference.success",
            "success, mean difference",
            "percent",
            "Edits by which the judge changes its mind, where identity has fallen to that level.",
        ),
        Quantity("edits_success_low", "at_identity.mean_difference.low", "from", "percent", "95% over the faces."),
        Quantity("edits_success_high", "at_identity.mean_difference.high", "to", "percent", "95% over the faces."),
        Quantity(
            "edits_success_faces",
            "at_identity.mean_difference.faces",
            "the same, null",
            "percent",
            "By the difference of two training faces.",
        ),
        Quantity(
            "edits_success_random",
            "at_identity.mean_difference.random",
            "any direction",
            "percent",
            "By a direction without preference; none where it never costs so much identity.",
        ),
        Quantity("edits_normal", "at_identity.normal.success", "success, probe normal", "percent", "As above."),
    ),
    curves=(
        Curve(
            "edits",
            (
                *("by", "attribute", "strength", "success", "success_low", "success_high", "identity"),
                *("faces_success", "faces_identity", "random_success", "random_identity"),
            ),
            words=("by", "attribute"),
        ),
    ),
)
