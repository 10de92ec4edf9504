"""How an image of the archive becomes a row of a shard."""

from typing import Any, Literal

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen


class Images(Frozen, Block, key="images"):
    """Crop box, size and filter; CelebA's aligned images are 178 wide and 218 high."""

    crop: tuple[int, int, int, int] | None = Field(
        None, description="left, top, right, bottom, in pixels; null: the central square, (0, 20, 178, 198) for CelebA"
    )
    size: int = Field(96, ge=8, le=512, description="edge of the square the crop is resized to, in pixels")
    filter: Literal["lanczos", "bicubic", "bilinear", "box"] = Field("lanczos", description="all antialias")
    limit: int | None = Field(None, ge=10, description="use the first N images by id alone; null for all")
    on_bad_image: Literal["fail", "skip"] = "fail"

    def check(self, blocks: dict[str, Any]) -> None:
        if self.crop is None:
            return
        left, top, right, bottom = self.crop
        if not (0 <= left < right and 0 <= top < bottom):
            raise ConfigError("images.crop", "left < right and top < bottom, none negative", list(self.crop))
        if right - left != bottom - top:
            # Shards are square: another shape would be distorted without a word.
            raise ConfigError("images.crop", "a square box", f"{right - left} x {bottom - top} pixels")
