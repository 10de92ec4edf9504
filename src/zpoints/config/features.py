"""What the network that judges pictures looks at."""

from typing import Annotated, Any

from pydantic import Field

from zpoints.config.block import Block, Frozen, Misfit

Share = Annotated[float, Field(ge=0, le=1)]


class Features(Frozen, Block, key="features"):
    """It looks at each picture twice: at this box, and at the whole."""

    face: tuple[Share, Share, Share, Share] = Field(
        (0.2, 0.25, 0.8, 0.9), description="where the face is: left, top, right, bottom, in shares of the picture"
    )

    def check(self, blocks: dict[str, Any]) -> None:
        left, top, right, bottom = self.face
        if left >= right or top >= bottom:
            raise Misfit("features.face", "left < right and top < bottom", list(self.face))
