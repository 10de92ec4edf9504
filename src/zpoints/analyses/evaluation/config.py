"""How decoded images are scored; the real images that they are compared with stand in the block `features`."""

from typing import ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig


class Config(AnalysisConfig):
    """Each sampler draws as many images as the reference of `features` has."""

    group: ClassVar[str] = "sampler_analyses"
    n_plotted: int = Field(
        10, ge=1, le=100, description="reconstructions that are shown, of the best, median and worst"
    )
