"""What the comparison takes from a model's entry in params.yaml."""

from zpoints.comparison.topic import Quantity

TITLE = "Model"
QUANTITIES = (
    Quantity(
        "kind", "kind", "kind", "text", "ae: a plain autoencoder. vae: with noise, and a KL divergence in the loss."
    ),
    Quantity("z_dim", "z_dim", "z_dim", "count", "Dimensions of the latent space."),
    Quantity(
        "fact",
        "fact",
        "fact",
        "setting",
        "Weight of the KL divergence; see the end of this page for a textbook's beta.",
    ),
    Quantity(
        "batch_norm",
        "batch_norm",
        "batch_norm",
        "text",
        "affine: a trained scale and shift, as in the posts. batch: the usual.",
    ),
    Quantity(
        "extra_dense",
        "extra_dense",
        "extra_dense",
        "count",
        "Width of a Dense layer that stands before mu and logvar.",
        "units",
    ),
)
