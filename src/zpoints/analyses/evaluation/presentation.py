"""How the scores of decoded images are called and drawn: in the table a handful of samplers, and reconstructions."""

from functools import partial
from typing import Any

import numpy as np

from zpoints.report.answers import Roles, mean, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import count, fixed, listing
from zpoints.report.results import Drawing, Results

TITLE = "Which points decode to faces"
POSITION = 120

METRICS = MetricGroup(
    "Decoded images against real ones",
    (
        Metric(
            "kid_space",
            "features.space",
            "feature space",
            "text",
            "Whose KID and coverage follow. onet: a face network's, face-KID, which is no published KID.",
        ),
        Metric(
            "kid_normal",
            "samplers.normal.kid.value",
            "KID, N(0, I)",
            "two",
            "Distance of images decoded from N(0, I) to real ones in this feature space; in face-KID 0 to 8.",
            headline=True,
        ),
        Metric(
            "kid_normal_low",
            "samplers.normal.kid.low",
            "its interval, from",
            "two",
            "Lower end of the 95% jackknife interval of N(0, I)'s KID, over images.",
        ),
        Metric(
            "kid_normal_high",
            "samplers.normal.kid.high",
            "to",
            "two",
            "Upper end of the 95% jackknife interval of N(0, I)'s KID, over images.",
        ),
        Metric(
            "kid_gaussian",
            "samplers.gaussian.kid.value",
            "KID, Gaussian",
            "two",
            "KID for a Gaussian with the mean and covariance of the z-points.",
            headline=True,
        ),
        Metric(
            "kid_gaussian_low",
            "samplers.gaussian.kid.low",
            "its interval, from",
            "two",
            "Lower end of the 95% jackknife interval of the Gaussian's KID.",
        ),
        Metric(
            "kid_gaussian_high",
            "samplers.gaussian.kid.high",
            "to",
            "two",
            "Upper end of the 95% jackknife interval of the Gaussian's KID.",
        ),
        Metric(
            "kid_bootstrap",
            "samplers.bootstrap.kid.value",
            "KID, true z-points",
            "two",
            "KID of decoded z-points of training images: no sampler can be asked for more.",
        ),
        Metric(
            "kid_reconstructions",
            "samplers.reconstructions.kid.value",
            "KID, reconstructions",
            "two",
            "KID of reconstructions of held-out images.",
        ),
        Metric(
            "kid_reconstructions_z",
            "samplers.reconstructions_z.kid.value",
            "KID, reconstructions from z",
            "two",
            "KID of held-out images decoded from z, which has the VAE's noise.",
        ),
        Metric(
            "mismatch_normal",
            "to_reconstructions.normal.value",
            "N(0, I) to reconstructions",
            "two",
            "KID of images from N(0, I) against the same model's reconstructions, which are as blurred.",
        ),
        Metric(
            "mismatch_normal_low",
            "to_reconstructions.normal.low",
            "its interval, from",
            "two",
            "Lower end of the 95% jackknife interval of that distance.",
        ),
        Metric(
            "mismatch_normal_high",
            "to_reconstructions.normal.high",
            "to",
            "two",
            "Upper end of the 95% jackknife interval of that distance.",
        ),
        Metric(
            "mismatch_gaussian",
            "to_reconstructions.gaussian.value",
            "Gaussian to reconstructions",
            "two",
            "The same for a Gaussian with the mean and covariance of the z-points.",
        ),
        Metric(
            "mismatch_gaussian_low",
            "to_reconstructions.gaussian.low",
            "its interval, from",
            "two",
            "Lower end of the 95% jackknife interval of the Gaussian's distance.",
        ),
        Metric(
            "mismatch_gaussian_high",
            "to_reconstructions.gaussian.high",
            "to",
            "two",
            "Upper end of the 95% jackknife interval of the Gaussian's distance.",
        ),
        Metric(
            "mismatch_bootstrap",
            "to_reconstructions.bootstrap.value",
            "true z-points to reconstructions",
            "two",
            "The same for z-points of training images: what other images alone make.",
        ),
        Metric(
            "mismatch_z",
            "to_reconstructions.reconstructions_z.value",
            "from z to reconstructions",
            "two",
            "The same for the same images decoded from z: what the noise alone makes.",
        ),
        Metric(
            "kid_real",
            "controls.held_out.kid.value",
            "KID, real",
            "two",
            "KID of the held-out images themselves.",
        ),
        Metric(
            "kid_blurred",
            "controls.blurred.kid.value",
            "KID, blurred",
            "two",
            "KID of held-out images blurred by 2 pixels (of 96).",
        ),
        Metric(
            "coverage_gaussian",
            "samplers.gaussian.coverage.value",
            "coverage, Gaussian",
            "two",
            "Share of real images with one of the Gaussian's images near by; 0.97 for real ones.",
        ),
        Metric(
            "coverage_bootstrap",
            "samplers.bootstrap.coverage.value",
            "coverage, true z-points",
            "two",
            "Share of real images with a decoded z-point of a training image near by.",
        ),
        Metric(
            "quality_above_floor",
            "quality.above_floor.quantile.0.5",
            "reco above floor, median",
            "one",
            "Median over held-out images of reco minus its floor, decoded from mu, in nats.",
        ),
        Metric(
            "quality_above_floor_most",
            "quality.above_floor.quantile.0.95",
            "the same, 95%",
            "one",
            "What reco minus its floor stays below for 95% of the held-out images.",
        ),
        Metric(
            "quality_ssim",
            "quality.ssim.mean",
            "SSIM",
            "two",
            "Structural similarity of original and reconstruction (luma); 1 for equal images.",
        ),
        Metric(
            "quality_sharpness",
            "quality.sharpness.mean",
            "sharpness kept",
            "percent",
            "Variance of the Laplacian relative to the original's, mean over the images.",
        ),
    ),
)

REAL = "held_out"
SHORT = {
    "normal": "N(0, I)",
    "shell": "shell",
    "diagonal": "independent axes",
    "gaussian": "Gaussian",
    "elliptical": "one ellipsoid",
    "permuted": "independent components",
    "core": "core",
    "bootstrap": "true z-points",
    "reconstructions": "reconstructions",
    "reconstructions_z": "reconstructions from z",
}
WORDS = {"best": "best", "median": "middling well", "worst": "worst"}
# Points that are images' own, moved or not: they tell what a decoder can do, and not what a law of random points can.
NOT_RANDOM = ("bootstrap", "jitter", "reconstructions")
Scores = dict[str, dict[str, np.ndarray]]  # by model and points: value, low and high


def figures(results: Results) -> dict[str, Drawing]:
    """KID and coverage of every sampler and model, and the best, median and worst reconstructions."""
    from zpoints.analyses.evaluation.figures import Panel, evaluation
    from zpoints.report.figures.image_grid import COLUMNS, blocks

    kid, coverage = (_scores(results, score) for score in ("kid", "coverage"))
    names = list(results.measurements)
    points = dict.fromkeys(name for model in names for name in results.numbers(model)["samplers"])
    marks = [
        (words, float(scores[0]))
        for words, control in (("real", REAL), ("blurred", "blurred"))
        if (scores := _first(kid, control)) is not None
    ]
    covered = _first(coverage, REAL)
    panels = [
        Panel(kid_name(results), kid, marks),
        Panel("coverage", coverage, [] if covered is None else [("real", float(covered[0]))]),
    ]
    rows = {name: results.rows[name] for name in names}
    text = "; ".join(
        f"{name}: N(0, I) {fixed(row.get('kid_normal'), 2)}, Gaussian {fixed(row.get('kid_gaussian'), 2)}, "
        f"true z-points {fixed(row.get('kid_bootstrap'), 2)}"
        for name, row in rows.items()
    )
    alt = f"{kid_name(results)} and coverage of what {listing(names)} decode from the points of each sampler. {text}"
    figure = evaluation(panels, {name: short(name) for name in points}, results.colors)
    drawings = {"evaluation": Drawing(figure, alt)}
    for kind, words in WORDS.items():
        if pairs := results.pictures(kind):
            alt = f"Held-out images that each model reconstructs {words}, and below them the reconstructions"
            count = min(COLUMNS, *(len(pictures) // 2 for _, pictures in pairs))
            lines = [(name, _two_lines(pictures, count)) for name, pictures in pairs]
            drawings[f"quality_{kind}"] = Drawing(blocks(lines, results.colors, rows=2, columns=count), alt)
    return drawings


def context(results: Results) -> dict[str, Any]:
    """For each model, its random samplers from the nearest to real images to the farthest: (name, KID).

    What is beyond chance: the models by verdict. KID of the controls, and how it is called, with the network that it is
    of; the figures of reconstructions and their words.
    """
    kid = _scores(results, "kid")
    ranked = {
        model: sorted(
            (
                (short(name), float(kid[model][name][0]))
                for name in results.numbers(model)["samplers"]
                if name.partition("_")[0] not in NOT_RANDOM
            ),
            key=lambda pair: pair[1],
        )
        for model in kid
    }
    controls = {name: _first(kid, name) for name in (REAL, "blurred", "mean_face")}
    return {
        "ranked": ranked,
        "verdicts": _verdicts(kid),
        "kid": kid_name(results),
        "network": _network(results),
        "control_kid": {name: None if scores is None else float(scores[0]) for name, scores in controls.items()},
        "reconstructed": {f"quality_{kind}": words for kind, words in WORDS.items() if results.pictures(kind)},
    }


def kid_name(results: Results) -> str:
    """What KID is called: face-KID where a network for faces looks, else after the network."""
    network = _network(results)
    return "face-KID" if network == "onet" else f"{network}-KID"


def short(name: str) -> str:
    """A sampler's name at an axis: `uniform_2` is "[-2, 2]"."""
    kind, _, value = name.partition("_")
    if kind == "uniform":
        return f"[\N{MINUS SIGN}{value}, {value}]"
    if kind == "mixture":
        return f"mixture of {value}"
    if kind == "jitter":
        return f"true z-points, moved {value}"
    return SHORT.get(name, name)


def _network(results: Results) -> str:
    return next((results.numbers(name)["features"]["space"] for name in results.measurements), "onet")


def _verdicts(kid: Scores) -> dict[str, list[str]]:
    """Models by what their intervals say: N(0, I) beside the Gaussian, and true z-points beside real images blurred."""
    verdicts: dict[str, list[str]] = {verdict: [] for verdict in ("worse", "better", "open", "farther", "as_far")}
    comparisons = (
        ("normal", "gaussian", ("worse", "better", "open")),
        ("bootstrap", "blurred", ("farther", "", "as_far")),
    )
    for model, scores in kid.items():
        for points, other, (farther, nearer, neither) in comparisons:
            if points in scores and other in scores:
                (_, low, high), (_, other_low, other_high) = scores[points], scores[other]
                verdict = farther if low > other_high else nearer if high < other_low else neither
                if verdict:
                    verdicts[verdict].append(model)
    return verdicts


def _scores(results: Results, score: str) -> Scores:
    """Value and both ends of the interval of one score, by model and by what was scored."""
    return {
        model: {
            name: np.array([scores[score][end] for end in ("value", "low", "high")])
            for kind in ("samplers", "controls")
            for name, scores in results.numbers(model)[kind].items()
        }
        for model in results.measurements
    }


def _two_lines(pictures: np.ndarray, count: int) -> np.ndarray:
    """The first `count` of the originals, which are one half, and their reconstructions, the other."""
    half = len(pictures) // 2
    return np.concatenate([pictures[:count], pictures[half : half + count]])


def _first(scores: Scores, name: str) -> np.ndarray | None:
    """What is the same for every model."""
    return next((found[name] for found in scores.values() if name in found), None)


def _paired_loss(results: Results, roles: Roles) -> str | None:
    return _paired(results, roles.plain, roles.tiny)


def _paired_change(results: Results, roles: Roles) -> str | None:
    return _paired(results, roles.tiny, roles.working)


def _paired(results: Results, one: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    """The difference of two trainings on the same images; of more trainings it is for the losses to tell."""
    quality = results.tables("quality")
    if len(one) > 1 or len(other) > 1 or not {one[0], other[0]} <= quality.keys():
        return None
    losses = [quality[names[0]].set_index("row")["above_floor"] for names in (one, other)]
    differences = (losses[1] - losses[0]).dropna()
    if len(differences) < 2:
        return None
    ends = mean(differences.tolist())
    word, (value, low, high) = ("higher", ends) if ends[0] >= 0 else ("lower", (-ends[0], -ends[2], -ends[1]))
    return (
        f"On the same {count(len(differences))} held-out images, decoded from mu, the loss of {other[0]} is "
        f"{fixed(value, 1)} nats {word} than that of {one[0]} ({fixed(low, 1)} to {fixed(high, 1)})"
    )


def _faces(results: Results, roles: Roles) -> str | None:
    parts, show = [names for names in roles.all if names[0] in results.measurements], partial(fixed, digits=2)
    points = {
        "N(0, I)": "kid_normal",
        "a Gaussian fitted to the z-points": "kid_gaussian",
        "z-points of training images": "kid_bootstrap",
    }
    known = {words: text for words, column in points.items() if (text := stated(results, parts, column, show))}
    kid = _scores(results, "kid")
    scale = [
        (words, found)
        for words, name in (("real", REAL), ("blurred", "blurred"))
        if (found := _first(kid, name)) is not None
    ]
    if not known:
        return None
    told = listing([f"{show(float(found[0]))} for {words} images" for words, found in scale])
    decoded = "; ".join(f"from {words} it is {text}" for words, text in known.items())
    return f"The distance to real images, {kid_name(results)}, is {told}; for images decoded {decoded}"


ANSWERS = {"tiny_kl": _paired_loss, "fact": _paired_change, "faces": _faces}
