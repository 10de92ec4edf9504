"""All samplers by name, each a function of (mu, rows, images, seed) to z-points."""

from collections.abc import Callable

import numpy as np

from zpoints.params.sampling import Sampling
from zpoints.sampling import prior
from zpoints.sampling.gaussian import FittedGaussian

Sampler = Callable[[np.ndarray, np.ndarray, int, int], np.ndarray]


def samplers(block: Sampling) -> dict[str, Sampler]:
    """The samplers that this block asks for, in the order in which they are shown."""
    chosen: dict[str, Sampler] = {"normal": lambda mu, rows, images, seed: prior.normal(images, mu.shape[1], seed)}
    for bound in block.uniform:
        chosen[f"uniform_{bound:g}"] = _uniform(bound)
    chosen["gaussian"] = lambda mu, rows, images, seed: FittedGaussian.fit(mu, rows).sample(images, seed)
    return chosen


def title(name: str) -> str:
    """A sampler's name for people: `uniform_2` is "uniform in [-2, 2]"."""
    if name.startswith("uniform_"):
        bound = name.removeprefix("uniform_")
        return f"uniform in [-{bound}, {bound}]"
    return {"normal": "N(0, I)", "gaussian": "Gaussian fitted to the z-points"}[name]


def _uniform(bound: float) -> Sampler:
    return lambda mu, rows, images, seed: prior.uniform(images, mu.shape[1], seed, bound)
