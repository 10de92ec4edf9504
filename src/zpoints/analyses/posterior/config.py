"""How the noise of a VAE is measured."""

from typing import Any

from pydantic import Field

from zpoints.config.block import Block, Frozen, Misfit


class Noise(Frozen, Block, key="noise"):
    """Components of z - mu beyond `far` are counted; logvar's histogram has bins of `bin_width`."""

    far: float = Field(0.05, gt=0)
    bin_width: float = Field(0.5, ge=0.01)
    intervals: tuple[tuple[float, float], ...] = Field(
        ((-30.0, -20.0), (-20.0, -15.0), (-15.0, -10.0), (-10.0, -5.0), (-5.0, 0.0), (0.0, 5.0)),
        description="half-open intervals [from, to) of logvar whose components are counted",
    )
    active: float = Field(0.01, ge=0, description="an axis is active where the variance of mu is above this")

    def check(self, blocks: dict[str, Any]) -> None:
        for low, high in self.intervals:
            if not low < high:
                raise Misfit("noise.intervals", "pairs with from < to", [low, high])
