"""The table of all models: which numbers it holds, in which units, and what each of them is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from zpoints.report.numbers import MINUS, count, fixed, percent, setting, significant, text

SHARE, CHANGE = "radius_share_", "radius_change_relative"


@dataclass(frozen=True)
class Quantity:
    """A row of the table: a column of models.json, with its name, unit, format and explanation for people."""

    column: str
    name: str
    form: Callable[[Any], str]
    explanation: str
    unit: str = ""


@dataclass(frozen=True)
class Line:
    """A quantity with its values, raw and as shown, in the order of the models; None where a model has none."""

    quantity: Quantity
    cells: list[tuple[Any, str]]


@dataclass(frozen=True)
class Group:
    """Quantities of one theme."""

    title: str
    lines: list[Line]


one, two = partial(fixed, digits=1), partial(fixed, digits=2)
four = partial(significant, digits=4)

# Column, name, format, explanation, and the unit where there is one.
MODEL = (
    Quantity("kind", "kind", text, "ae: a plain autoencoder. vae: with noise, and a KL divergence in the loss."),
    Quantity("z_dim", "z_dim", count, "Dimensions of the latent space."),
    Quantity("fact", "fact", setting, "Weight of the KL divergence; see the end of this page for a textbook's beta."),
    Quantity("batch_norm", "batch_norm", text, "affine: a trained scale and shift, as in the posts. batch: the usual."),
    Quantity("extra_dense", "extra_dense", count, "Width of a Dense layer that stands before mu and logvar.", "units"),
    Quantity("parameters", "parameters", count, "Numbers in encoder and decoder together."),
    Quantity("epochs", "epochs", count, "Passes over the training images."),
)
LOSS = (
    Quantity("train_total", "total, training", one, "reco + kl. All training terms are means over the last epoch."),
    Quantity("train_reco", "reco, training", one, "Reconstruction loss, summed over pixels, averaged over channels."),
    Quantity("train_kl", "kl, training", four, "KL divergence of each z-point's Gaussian from N(0, I), times fact."),
    Quantity("train_above_floor", "above floor, training", one, "reco minus the entropy of the training images."),
    Quantity("held_out_total", "total, held out", one, "reco + kl. All held-out terms are taken after the last epoch."),
    Quantity("held_out_reco", "reco, held out", one, "Reconstruction loss of images that were not trained on."),
    Quantity("held_out_kl", "kl, held out", four, "KL divergence for these, times fact."),
    Quantity("held_out_above_floor", "above floor, held out", one, "reco minus the entropy of the held-out images."),
    Quantity(
        "held_out_mse", "mse, held out", significant, "Mean squared error of a pixel's value, which lies in [0, 1]."
    ),
    Quantity("held_out_psnr", "PSNR, held out", two, "Peak signal-to-noise ratio; more is better.", "dB"),
)
RADIUS = (
    Quantity("radius_peak", "peak of R", two, "Centre of the fullest bin of the histogram of R = |mu|."),
    Quantity("radius_mean", "mean of R", two, "Over all training images."),
    Quantity("radius_median", "median of R", two, "Half of the z-points lie nearer to the origin."),
    Quantity("radius_min", "least R", two, "The z-point nearest to the origin."),
    Quantity("radius_max", "largest R", two, "The z-point farthest from the origin."),
    Quantity("z_radius_peak", "peak of R from z", two, "The same from z = mu + noise instead of mu."),
    Quantity("norm_of_mean", "|mean of mu|", two, "How far off the origin the cloud of z-points is centred."),
    Quantity("axis_std", "std per axis", significant, "Standard deviation of mu along an axis, mean over all axes."),
)
NOISE = (
    Quantity("logvar_mean", "mean of logvar", two, "Over all components of all images; 0 is the prior's noise."),
    Quantity("logvar_min", "least logvar", two, "The component with the least noise."),
    Quantity("logvar_max", "largest logvar", two, "The component with the most noise."),
    Quantity("z_minus_mu_max", f"largest |z {MINUS} mu|", significant, "The farthest that noise moves one component."),
    Quantity(f"{CHANGE}_mean", "change of R, mean", significant, "|R from z less R from mu| / R, mean over images."),
    Quantity(f"{CHANGE}_max", "change of R, max", significant, "The same for the image with the largest change."),
    Quantity("balance", "balance", significant, "E[mu²] + E[sigma²], mean over axes: 1 at convergence if fact > 0."),
)
AXES = (
    Quantity(
        "axes_tested", "axes that vary", count, "Axes of mu that are not constant; the others are left out below."
    ),
    Quantity(
        "axes_not_normal",
        "axes not normal",
        count,
        "Fail Anderson-Darling's test at components.level, corrected by Holm.",
    ),
    Quantity("axes_not_normal_null", "the same, null", count, "For a Gaussian with the mean and covariance of mu."),
    Quantity("skewness", "|skewness|", significant, "Of mu along an axis, mean over axes; 0 for a normal."),
    Quantity("skewness_null", "the same, null", significant, "For as many points of that Gaussian: chance alone."),
    Quantity(
        "excess_kurtosis", "excess kurtosis", significant, "Mean over axes; 0 for a normal, above for heavy tails."
    ),
    Quantity("excess_kurtosis_null", "the same, null", significant, "For as many points of that Gaussian."),
    Quantity(
        "pairs_correlated",
        "pairs correlated",
        percent,
        "Pairs of axes correlated beyond chance at components.level (Holm).",
    ),
    Quantity("pairs_correlated_null", "the same, null", percent, "For a Gaussian with independent axes."),
    Quantity("correlation", "|correlation|", significant, "Of two axes, mean over all pairs."),
    Quantity("correlation_null", "the same, null", significant, "For a Gaussian with independent axes: chance alone."),
    Quantity("origin_mahalanobis", "origin to mean", two, "Mahalanobis distance of the origin from the mean of mu."),
    Quantity(
        "origin_gaussian_median", "median of a Gaussian", two, "Half of a Gaussian's points lie farther from its mean."
    ),
    Quantity(
        "origin_farther", "points farther out", percent, "Share of the z-points farther from the mean than the origin."
    ),
    Quantity(
        "origin_gaussian_farther", "the same, Gaussian", percent, "Of a Gaussian's points, by the chi-square law."
    ),
)
CLOUD = (
    *(
        Quantity(
            f"components_{share}", f"axes for {share}%", count, f"Principal axes that hold {share}% of the variance."
        )
        for share in (50, 80, 90, 95, 99)
    ),
    Quantity("components_95_independent", "for 95%, null", count, "The same for a Gaussian with independent axes."),
    Quantity(
        "participation_ratio", "participation ratio", two, "(sum l)² / sum l² of the variances l: k for k equal ones."
    ),
    Quantity("participation_ratio_independent", "the same, null", two, "For a Gaussian with independent axes."),
    Quantity("first_component", "share of the first", percent, "Of the variance, along the first principal axis."),
    Quantity("two_nn", "local dimension, TwoNN", two, "From two nearest neighbours; far too low in many dimensions."),
    Quantity(
        "two_nn_ratio", "over a Gaussian's", significant, "Divided by that of a Gaussian of equal mean and covariance."
    ),
    Quantity("two_nn_ratio_low", "from", significant, "Lower end of the ratio's 95% interval, over subsamples."),
    Quantity("two_nn_ratio_high", "to", significant, "Upper end of that interval."),
    Quantity("levina_bickel", "local dimension, MLE", two, "Levina and Bickel's, from more neighbours."),
    Quantity("levina_bickel_ratio", "over a Gaussian's", significant, "As above."),
    Quantity(
        "distance_ratio",
        "neighbour distance",
        significant,
        "Median, over a Gaussian's: below 1 for filaments and clusters.",
    ),
    Quantity("distance_ratio_low", "from", significant, "Lower end of its 95% interval."),
    Quantity("distance_ratio_high", "to", significant, "Upper end of its 95% interval."),
    Quantity(
        "density_contrast_ratio",
        "density contrast",
        significant,
        "How uneven neighbour distances are, over a Gaussian's.",
    ),
)
TITLES = {
    "Model": MODEL,
    "Loss per image, in nats with cross-entropy": LOSS,
    "Radius": RADIUS,
    "Noise": NOISE,
    "Axes of mu": AXES,
    "Shape of the cloud": CLOUD,
}


def groups(rows: Mapping[str, Mapping[str, Any]]) -> list[Group]:
    """The table; a quantity that no model has is left out, and so is an empty group."""
    shares = dict.fromkeys(column for row in rows.values() for column in row if column.startswith(SHARE))
    made = []
    for title, quantities in TITLES.items():
        wanted = [*quantities, *(map(_share, shares) if quantities is RADIUS else ())]
        lines = [Line(quantity, _cells(rows, quantity)) for quantity in wanted if _known(rows, quantity)]
        made.append(Group(title, lines))
    return [group for group in made if group.lines]


def _share(column: str) -> Quantity:
    """radius_share_12_to_24 is the share of R in [12, 24)."""
    low, _, high = column.removeprefix(SHARE).partition("_to_")
    return Quantity(column, f"R in [{low}, {high})", percent, "Share of the z-points in this interval.")


def _known(rows: Mapping[str, Mapping[str, Any]], quantity: Quantity) -> bool:
    return any(row.get(quantity.column) is not None for row in rows.values())


def _cells(rows: Mapping[str, Mapping[str, Any]], quantity: Quantity) -> list[tuple[Any, str]]:
    values = [row.get(quantity.column) for row in rows.values()]
    return [(value, quantity.form(value)) for value in values]
