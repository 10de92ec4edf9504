"""How many images of each sampler are shown."""

from typing import ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig, Minimum


class Config(AnalysisConfig):
    """The samplers stand in the block `samplers`, and their seed with them."""

    group: ClassVar[str] = "sampler_analyses"
    images: int = Field(20, ge=1, le=10_000, description="decoded images of each sampler, and reconstructions")

    def minimum(self, z_dim: int = 1) -> Minimum:
        return Minimum(held_out=1)
