"""How losses and parameters are called and drawn; the stage `train` measures them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from zpoints.report.answers import Roles, difference, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import fixed
from zpoints.report.results import Drawing, Results

TITLE = "Losses and layers"
POSITION = 10

METRICS = MetricGroup(
    "Training, and losses per image (in nats with cross-entropy)",
    (
        Metric(
            "parameters",
            "parameters.total",
            "parameters",
            "count",
            "Trained and untrained weights of encoder and decoder together.",
        ),
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
            "KL divergence of each z-point's Gaussian from N(0, I), times fact, last epoch.",
        ),
        Metric(
            "train_above_floor",
            "train.reco_above_floor",
            "above floor, training",
            "one",
            "reco, training, minus its floor, the entropy of the training images.",
        ),
        Metric(
            "held_out_total",
            "held_out.total",
            "total, held out",
            "one",
            "reco + kl of images that were not trained on, after the last epoch.",
        ),
        Metric(
            "held_out_reco",
            "held_out.reco",
            "reco, held out",
            "one",
            "Reconstruction loss of images that were not trained on.",
        ),
        Metric(
            "held_out_kl",
            "held_out.kl",
            "kl, held out",
            "four",
            "KL divergence for held-out images, times the full fact.",
            headline=True,
        ),
        Metric(
            "held_out_above_floor",
            "held_out.reco_above_floor",
            "above floor, held out",
            "one",
            "reco, held out, minus its floor, the entropy of the held-out images.",
            headline=True,
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


def figures(results: Results) -> dict[str, Drawing]:
    """Training and held-out losses of all models."""
    from zpoints.analyses.training.figures import losses

    figure = losses(results.curves("history"), results.colors)
    reco = results.told("held_out_reco", "held-out reco")
    return {"losses": Drawing(figure, f"Loss of each model over the epochs. After the last {reco}")}


def context(results: Results) -> dict[str, Any]:
    """The models trained with cross-entropy and the floors of their loss; the layers and parameters of each model.

    floors: entropy of the training and of the held-out images, in nats per image, the same for all; None without any.
    """
    history = results.curves("history")
    bce = [name for name, curve in history.items() if {"floor", "val_floor"} <= curve.keys()]
    parameters = results.tables("parameters")
    return {
        "bce": bce,
        "floors": (history[bce[0]]["floor"][-1], history[bce[0]]["val_floor"][-1]) if bce else None,
        "layers": {name: frame.to_dict("records") for name, frame in parameters.items()},
        "totals": {
            name: frame.groupby("part", sort=False)["parameters"].sum().to_dict() for name, frame in parameters.items()
        },
    }


def _loss(results: Results, roles: Roles) -> str | None:
    losses, apart = _losses(results, roles.two)
    return f"The held-out loss above its floor, in nats, is {losses}{apart}" if losses else None


def _rate(results: Results, roles: Roles) -> str | None:
    parts = (roles.tiny, roles.working)
    kl, (losses, apart) = stated(results, parts, "held_out_kl"), _losses(results, parts)
    if kl is None:
        return None
    return f"The held-out kl is {kl}" + (f"; the loss above its floor, in nats, {losses}{apart}" if losses else "")


def _losses(results: Results, parts: Sequence[tuple[str, ...]]) -> tuple[str | None, str]:
    """The losses, and how far they are apart over several trainings."""
    show, column = partial(fixed, digits=1), "held_out_above_floor"
    apart = difference(results, parts, column, show)
    return stated(results, parts, column, show), f" ({apart})" if apart else ""


ANSWERS = {"tiny_kl": _loss, "fact": _rate}
