"""The space in which decoded images are compared with real ones, and these real images."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen

Share = Annotated[float, Field(ge=0, le=1)]


class Weights(Frozen):
    """A network that the user brings. Its checksum tells DVC that another one has come."""

    path: str = Field(min_length=1, description="an ONNX file")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="its SHA-256, as `sha256sum FILE` prints it")


class Features(Frozen, Block, key="features"):
    """A network for faces looks at each image twice: at the box `face`, and at the whole.

    What it makes of other images says nothing: with `space: none`, and where it sees too few faces, the analyses that
    need it are left out. The networks `inception` and `dinov2` judge any image; the user brings their `weights`.
    """

    space: Literal["face", "inception", "dinov2", "none"] = Field(
        "face", description="none: no network looks at the images"
    )
    weights: Weights | None = Field(None, description="of inception or dinov2, {path: FILE, sha256: CHECKSUM}")
    min_faces: float = Field(
        0.2, ge=0, le=1, description="share of the real images in which the network must see a face; 0: never ask"
    )
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
        if self.space in ("inception", "dinov2") and self.weights is None:
            expected = f"{{path: FILE.onnx, sha256: CHECKSUM}} of your own for features.space: {self.space}"
            raise ConfigError("features.weights", expected, None)

    def missing(self) -> str | None:
        """Why there is no feature space, None where there is one."""
        return "needs a feature space, has features.space: none" if self.space == "none" else None

    def absent(self) -> str | None:
        """Why the network of the user's own can't be read, None where it can: known before anything is trained."""
        if self.weights is None or self.space in ("face", "none") or Path(self.weights.path).is_file():
            return None
        return f"needs {self.weights.path}, of features.weights, has no such file"

    def shortage(self, train: int, held_out: int) -> str | None:
        """Why so many images are too few for the sets that these settings ask for, None where they are enough."""
        if train < self.images + self.scaler_images:
            sets = f"features.images = {self.images} and features.scaler_images = {self.scaler_images}"
            return f"needs {self.images + self.scaler_images} training images for {sets}, has {train}"
        if held_out < self.images:
            return f"needs {self.images} held-out images for features.images, has {held_out}"
        return None
