"""The space in which decoded images are compared with real ones, and these real images."""

from typing import Annotated, Any

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen

Share = Annotated[float, Field(ge=0, le=1)]


class Features(Frozen, Block, key="features"):
    """A network for faces looks at each image twice: at the box `face`, and at the whole."""

    face: tuple[Share, Share, Share, Share] = Field(
        (0.2, 0.25, 0.8, 0.9), description="where the face is: left, top, right, bottom, in shares of the image"
    )
    images: int = Field(5000, ge=100, le=10_000, description="real images for reference, and as many held out")
    scaler_images: int = Field(
        5000, ge=100, le=100_000, description="other training images, from which the features are standardised"
    )
    seed: int = Field(0, ge=0, description="of the choice of real images, and of the intervals")

    def check(self, blocks: dict[str, Any]) -> None:
        left, top, right, bottom = self.face
        if left >= right or top >= bottom:
            raise ConfigError("features.face", "left < right and top < bottom", list(self.face))
