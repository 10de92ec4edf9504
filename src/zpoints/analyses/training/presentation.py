"""What the comparison takes from training.json and the history."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 10

METRICS = MetricGroup(
    "Training, and losses per image (in nats with cross-entropy)",
    (
        Metric("parameters", "parameters.total", "parameters", "count", "Numbers in encoder and decoder together."),
        Metric("epochs", "epochs", "epochs", "count", "Passes over the training images."),
        Metric(
            "train_total",
            "train.total",
            "total, training",
            "one",
            "reco + kl. All training terms are means over the last epoch.",
        ),
        Metric(
            "train_reco",
            "train.reco",
            "reco, training",
            "one",
            "Reconstruction loss, summed over pixels, averaged over channels.",
        ),
        Metric(
            "train_kl",
            "train.kl",
            "kl, training",
            "four",
            "KL divergence of each z-point's Gaussian from N(0, I), times fact.",
        ),
        Metric(
            "train_above_floor",
            "train.reco_above_floor",
            "above floor, training",
            "one",
            "reco minus the entropy of the training images.",
        ),
        Metric(
            "held_out_total",
            "held_out.total",
            "total, held out",
            "one",
            "reco + kl. All held-out terms are taken after the last epoch.",
        ),
        Metric(
            "held_out_reco",
            "held_out.reco",
            "reco, held out",
            "one",
            "Reconstruction loss of images that were not trained on.",
        ),
        Metric("held_out_kl", "held_out.kl", "kl, held out", "four", "KL divergence for these, times fact."),
        Metric(
            "held_out_above_floor",
            "held_out.reco_above_floor",
            "above floor, held out",
            "one",
            "reco minus the entropy of the held-out images.",
        ),
        Metric(
            "held_out_mse",
            "held_out.mse",
            "mse, held out",
            "significant",
            "Mean squared error of a pixel's value, which lies in [0, 1].",
        ),
        Metric(
            "held_out_psnr",
            "held_out.psnr",
            "PSNR, held out",
            "two",
            "Peak signal-to-noise ratio; more is better.",
            "dB",
        ),
    ),
)


# ---- old section, to port ----
#     curves=(Curve("history", ("epoch", "reco", "val_reco"), folder="models"),),
# )
# """Losses over the epochs."""
# 
# from typing import Any
# 
# from zpoints.analyses.training.figures import losses
# from zpoints.report import facts
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """Training and held-out losses of all models."""
#     figure = losses(inputs.curves["history"], tints)
#     return {
#         "losses": Drawing(
#             figure, f"Loss over the epochs. After the last {told(inputs, 'held_out_reco', 'held-out reco')}"
#         )
#     }
# 
# 
# def context(inputs: Inputs) -> dict[str, Any]:
#     """The models trained with cross-entropy, and the floor of their loss."""
#     return {
#         "bce": [name for name, curve in inputs.curves["history"].items() if "floor" in curve],
#         "floors": facts.floors(inputs),
#     }
