"""How many images are judged, and what they are held against."""

from typing import Annotated, Any

from pydantic import Field

from zpoints.params.block import Block, Frozen, Misfit

Share = Annotated[float, Field(ge=0, le=1)]


class Evaluation(Frozen, Block, key="evaluation"):
    """The draws of the samplers, with their seed, are those of the block `sampling`."""

    images: int = Field(
        5000, ge=100, le=10_000, description="of each sampler, and real ones: as many for reference, as many held out"
    )
    units: int = Field(5000, ge=100, le=100_000, description="other training images, that give the features' units")
    face: tuple[Share, Share, Share, Share] = Field(
        (0.2, 0.25, 0.8, 0.9), description="where the face is: left, top, right, bottom, in shares of the picture"
    )
    seed: int = Field(0, ge=0, description="of the choice of real images, and of the intervals")

    def check(self, blocks: dict[str, Any]) -> None:
        if self.face[0] >= self.face[2] or self.face[1] >= self.face[3]:
            raise Misfit("evaluation.face", "left < right and top < bottom", list(self.face))
