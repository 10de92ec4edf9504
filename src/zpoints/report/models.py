"""The numbers of a model's entry in params.yaml."""

from zpoints.report.metrics import Metric, MetricGroup

MODEL = MetricGroup(
    "Model",
    (
        Metric(
            "kind", "kind", "kind", "text", "ae: a plain autoencoder. vae: with noise, and a KL divergence in the loss."
        ),
        Metric("z_dim", "z_dim", "z_dim", "count", "Dimensions of the latent space."),
        Metric("fact", "fact", "fact", "setting", "Weight of the KL divergence; a textbook's beta is 3 fact (BCE)."),
        Metric(
            "batch_norm",
            "batch_norm",
            "batch_norm",
            "text",
            "affine: a trained scale and shift, as in the posts. batch: the usual.",
        ),
        Metric("extra_dense", "extra_dense", "extra_dense", "count", "Width of a Dense layer before mu and logvar."),
    ),
)
