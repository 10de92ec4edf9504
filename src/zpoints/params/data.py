"""Where the images come from."""

from typing import Literal

from pydantic import Field

from zpoints.params.block import Block, Frozen


class ToyFaces(Frozen):
    """Procedural faces with known factors."""

    images: int = Field(4000, ge=10, le=999_999, description="how many faces to draw")
    seed: int = Field(0, ge=0, description="another seed draws other faces")


class Data(Frozen, Block, key="data"):
    """Source of the images; the key of the other source is kept, so that changing `source` is the one change needed."""

    source: Literal["toy", "celeba"] = "toy"
    toy: ToyFaces = ToyFaces()
    archive: str = Field("celeba", min_length=1, description="celeba: img_align_celeba.zip, or the folder it is in")
