"""How the latent spaces of all models are set beside one another."""

from pydantic import Field

from zpoints.config.block import Block, Frozen


class Similarity(Frozen, Block, key="similarity"):
    """Intervals leave out one of `groups` groups of images; the null shuffles the images of one model."""

    groups: int = Field(20, ge=5, le=100, description="groups of images, left out in turn for the intervals")
    shuffles: int = Field(3, ge=1, le=100, description="times that the null shuffles the images")
    variance: float = Field(0.99, gt=0, le=1, description="of the principal axes that canonical correlations compare")
    subsample: int = Field(2000, ge=20, le=50_000, description="images among which neighbours are searched")
    repeats: int = Field(5, ge=2, le=100, description="subsamples, which share no image")
    neighbours: int = Field(10, ge=1, le=100)
    seed: int = Field(0, ge=0)
