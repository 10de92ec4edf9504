"""How many images are judged, and what they are held against."""

from pydantic import Field

from zpoints.config.block import Block, Frozen


class Evaluation(Frozen, Block, key="evaluation"):
    """The draws of the samplers, with their seed, are those of the block `sampling`."""

    images: int = Field(
        5000, ge=100, le=10_000, description="of each sampler, and real ones: as many for reference, as many held out"
    )
    units: int = Field(5000, ge=100, le=100_000, description="other training images, that give the features' units")
    seed: int = Field(0, ge=0, description="of the choice of real images, and of the intervals")
