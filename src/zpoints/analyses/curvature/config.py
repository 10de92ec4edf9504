"""How the curvature of the reconstruction loss is measured."""

from typing import ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig


class Config(AnalysisConfig):
    """Training images are probed: the law of logvar holds for what was minimised."""

    group: ClassVar[str] = "image_analyses"

    images: int = Field(256, ge=2, le=10_000, description="training images, drawn at random, over which it is averaged")
    n_draws: int = Field(
        16, ge=1, le=10_000, description="pairs of noisy z-points per image, for the mean over the noise"
    )
    seed: int = Field(0, ge=0)
