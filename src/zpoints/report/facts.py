"""What the page's sentences need beside the table: expectations from theory, and each model's parameters as text."""

import json
import math
from dataclasses import dataclass
from typing import Any

from zpoints.latents.samplers import same, title
from zpoints.report.inputs import Inputs

# The samplers that tell most; the page folds the others.
OPEN = ("normal", "shell", "gaussian", "mixture", "bootstrap")


@dataclass(frozen=True)
class Draw:
    """The radii that one sampler drew for one model, in means and standard deviations; `expected` where theory says."""

    model: str
    expected: tuple[float, float] | None
    mean: float
    std: float


@dataclass(frozen=True)
class Sampling:
    """One sampler of the report."""

    name: str
    title: str
    same: str  # what the same place in two grids has in common
    open: bool  # shown at once, not only when asked for
    images: int
    draws: list[Draw]


def samplings(inputs: Inputs) -> list[Sampling]:
    """All samplers, with what they drew for each model."""
    first = inputs.pictures[next(iter(inputs.rows))]
    return [
        Sampling(
            name=sampler,
            title=title(sampler),
            same=same(sampler),
            open=not folded(sampler),
            images=len(first[sampler]),
            draws=[_draw(inputs, sampler, name) for name in inputs.rows],
        )
        for sampler in inputs.samplers
    ]


def folded(sampler: str) -> bool:
    """Whether a sampler is shown only when asked for."""
    return sampler.partition("_")[0] not in OPEN


def _draw(inputs: Inputs, sampler: str, model: str) -> Draw:
    drawn = inputs.drawn[model][sampler]
    expected = expected_radius(sampler, inputs.rows[model]["z_dim"])
    return Draw(model, expected, drawn["radius_mean"], drawn["radius_std"])


def expected_radius(sampler: str, z_dim: int) -> tuple[float, float] | None:
    """Mean and standard deviation of the radius of points from N(0, I) or a cube, for many dimensions.

    None for a sampler that is fitted to the z-points: its radius is theirs.
    """
    if sampler == "normal":
        return math.sqrt(z_dim), math.sqrt(0.5)
    if sampler.startswith("uniform_"):
        bound = float(sampler.removeprefix("uniform_"))
        # R² is a sum of squares of mean b²/3 and variance 4b⁴/45; R = sqrt(R²) to first order.
        return bound * math.sqrt(z_dim / 3), bound * math.sqrt(1 / 15)
    return None


def parameters_used(inputs: Inputs) -> dict[str, list[str]]:
    """For each model the entry it was trained with: `key: value`, as in params.yaml."""
    entries = {name: used["model"] | used["training"] for name, used in inputs.used.items()}
    return {name: [f"{key}: {_value(value)}" for key, value in entry.items()] for name, entry in entries.items()}


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
