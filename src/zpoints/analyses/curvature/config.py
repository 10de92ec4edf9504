"""How the curvature of the reconstruction loss is measured."""

from pydantic import Field

from zpoints.config.block import Block, Frozen


class Curvature(Frozen, Block, key="curvature"):
    """Training images are probed: the law of logvar holds for what was minimised."""

    images: int = Field(256, ge=2, le=10_000, description="training images, drawn at random, over which it is averaged")
    draws: int = Field(
        16, ge=1, le=10_000, description="pairs of noisy z-points per image, for the mean over the noise"
    )
    active: float = Field(0.01, ge=0, description="an axis is active where the variance of mu is above this")
    seed: int = Field(0, ge=0)
