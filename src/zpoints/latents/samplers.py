"""All samplers by name, each a function of (cloud, images, seed) to z-points."""

from collections.abc import Callable
from functools import partial

import numpy as np

from zpoints.config.samplers import Sampling
from zpoints.latents import fitted
from zpoints.latents import prior
from zpoints.latents.cloud import Cloud

Sampler = Callable[[Cloud, int, int], np.ndarray]


def samplers(block: Sampling) -> dict[str, Sampler]:
    """The samplers that this block asks for, in the order in which they are shown: from blind to the data's own."""
    chosen: dict[str, Sampler] = {"normal": lambda cloud, images, seed: prior.normal(images, cloud.z_dim, seed)}
    for bound in block.uniform:
        chosen[f"uniform_{bound:g}"] = _uniform(bound)
    chosen |= {"shell": fitted.shell, "diagonal": fitted.diagonal, "gaussian": fitted.gaussian}
    if block.core is not None:
        chosen["core"] = partial(fitted.core, sigmas=block.core)
    if block.mixture is not None:
        chosen[f"mixture_{block.mixture}"] = partial(fitted.mixture, components=block.mixture)
    chosen["bootstrap"] = fitted.bootstrap
    if block.jitter is not None:
        chosen[f"jitter_{block.jitter:g}"] = partial(fitted.bootstrap, jitter=block.jitter)
    return chosen


def title(name: str) -> str:
    """A sampler's name for people: `uniform_2` is "uniform in [-2, 2]"."""
    kind, _, value = name.partition("_")
    if kind == "uniform":
        return f"uniform in [-{value}, {value}]"
    if kind == "mixture":
        return f"mixture of {value} Gaussians" if value != "1" else "mixture of one Gaussian"
    if kind == "jitter":
        return f"z-points of images, moved by {value} of their spread"
    return {
        "normal": "N(0, I)",
        "shell": "shell at the radii of the z-points",
        "diagonal": "Gaussian with independent axes",
        "gaussian": "Gaussian fitted to the z-points",
        "core": "core of that Gaussian",
        "bootstrap": "z-points of training images",
    }[name]


def same(name: str) -> str:
    """What the same place in the grids of two models has in common, as a sentence."""
    kind = name.partition("_")[0]
    if kind in ("normal", "uniform"):
        return "The same place is the same z-point for every model of one z_dim."
    if kind == "shell":
        return "The same place is the same direction for every model of one z_dim, at the radius of the same image."
    if kind in ("bootstrap", "jitter"):
        return "The same place is the same training image for every model."
    return "The same place is the same draw, stretched to each model's own cloud."


def _uniform(bound: float) -> Sampler:
    return lambda cloud, images, seed: prior.uniform(images, cloud.z_dim, seed, bound)
