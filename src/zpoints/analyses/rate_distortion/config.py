"""How rate and distortion are measured, and the distance of z-points from the prior."""

from typing import ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig, Minimum


class Config(AnalysisConfig):
    """Rate and distortion are those of held-out images; the z-points that are compared with the prior train."""

    group: ClassVar[str] = "image_analyses"

    images: int = Field(5000, ge=20, le=1_000_000, description="held-out images, for rate and distortion")
    points: int = Field(
        20_000, ge=20, le=100_000, description="training images among which I(x; z) is estimated: no more than its log"
    )
    subsample: int = Field(2000, ge=20, le=5000, description="z-points, and points of N(0, I), of the energy distance")
    n_permutations: int = Field(999, ge=19, le=100_000, description="of the energy distance's test")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        return Minimum(20, "a distance from the prior", held_out=20)
