"""All samplers by name, each a function of (cloud, images, seed) to z-points."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from zpoints.config.samplers import Samplers
from zpoints.latents import fitted, prior
from zpoints.latents.cloud import Cloud

Sampler = Callable[[Cloud, int, int], np.ndarray]


@dataclass(frozen=True)
class SamplerSet(Mapping[str, Sampler]):
    """The samplers that a run asks for, by name, and the seed with which they draw."""

    by_name: Mapping[str, Sampler]
    seed: int = 0

    def __getitem__(self, name: str) -> Sampler:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)


def samplers(config: Samplers) -> SamplerSet:
    """The samplers that this block asks for, in the order in which they are shown: from blind to the data's own."""
    chosen: dict[str, Sampler] = {"normal": _normal}
    for bound in config.uniform:
        chosen[f"uniform_{_exact(bound)}"] = partial(_uniform, bound=bound)
    chosen |= {"shell": fitted.shell, "diagonal": fitted.diagonal, "gaussian": fitted.gaussian}
    for name in config.nulls:
        chosen[name] = {"elliptical": fitted.elliptical, "permuted": fitted.permuted}[name]
    if config.core is not None:
        chosen["core"] = partial(fitted.core, n_sigma=config.core)
    if config.mixture is not None:
        chosen[f"mixture_{config.mixture}"] = partial(fitted.mixture, components=config.mixture)
    chosen["bootstrap"] = fitted.bootstrap
    if config.jitter is not None:
        chosen[f"jitter_{_exact(config.jitter)}"] = partial(fitted.bootstrap, jitter=config.jitter)
    return SamplerSet(chosen, config.seed)


def _normal(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    return prior.normal(images, cloud.z_dim, seed)


def _uniform(cloud: Cloud, images: int, seed: int, bound: float) -> np.ndarray:
    return prior.uniform(images, cloud.z_dim, seed, bound)


def _exact(value: float) -> str:
    """The shortest text that reads as this very number: 2 and 1.5, but 1.0000001 too, so that no two names are one."""
    return repr(value).removesuffix(".0")
