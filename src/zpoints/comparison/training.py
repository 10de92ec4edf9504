"""What the comparison takes from training.json and the history."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "training",
    "Training, and losses per image (in nats with cross-entropy)",
    (
        Quantity("parameters", "parameters.total", "parameters", "count", "Numbers in encoder and decoder together."),
        Quantity("epochs", "epochs", "epochs", "count", "Passes over the training images."),
        Quantity(
            "train_total",
            "train.total",
            "total, training",
            "one",
            "reco + kl. All training terms are means over the last epoch.",
        ),
        Quantity(
            "train_reco",
            "train.reco",
            "reco, training",
            "one",
            "Reconstruction loss, summed over pixels, averaged over channels.",
        ),
        Quantity(
            "train_kl",
            "train.kl",
            "kl, training",
            "four",
            "KL divergence of each z-point's Gaussian from N(0, I), times fact.",
        ),
        Quantity(
            "train_above_floor",
            "train.reco_above_floor",
            "above floor, training",
            "one",
            "reco minus the entropy of the training images.",
        ),
        Quantity(
            "held_out_total",
            "held_out.total",
            "total, held out",
            "one",
            "reco + kl. All held-out terms are taken after the last epoch.",
        ),
        Quantity(
            "held_out_reco",
            "held_out.reco",
            "reco, held out",
            "one",
            "Reconstruction loss of images that were not trained on.",
        ),
        Quantity("held_out_kl", "held_out.kl", "kl, held out", "four", "KL divergence for these, times fact."),
        Quantity(
            "held_out_above_floor",
            "held_out.reco_above_floor",
            "above floor, held out",
            "one",
            "reco minus the entropy of the held-out images.",
        ),
        Quantity(
            "held_out_mse",
            "held_out.mse",
            "mse, held out",
            "significant",
            "Mean squared error of a pixel's value, which lies in [0, 1].",
        ),
        Quantity(
            "held_out_psnr",
            "held_out.psnr",
            "PSNR, held out",
            "two",
            "Peak signal-to-noise ratio; more is better.",
            "dB",
        ),
    ),
    curves=(Curve("history", ("epoch", "reco", "val_reco"), folder="models"),),
)
