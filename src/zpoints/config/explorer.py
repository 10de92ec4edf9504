"""What the explorer's page holds."""

from typing import Literal

from pydantic import Field

from zpoints.config.block import Block, Frozen


class Explorer(Frozen, Block, key="explorer"):
    """A page that decodes in the browser. Bits and originals decide how large it is."""

    bits: Literal[8, 16] = Field(8, description="of each coordinate of a z-point; with 16 the page is twice as large")
    precision: Literal["float16", "float32"] = Field("float16", description="of the networks' weights in the page")
    originals: Literal["toy", "all", "none"] = Field(
        "toy", description="images that lie beside the decoded ones; photographs may not be yours to copy"
    )
    encoder: bool = Field(True, description="of each model too, so that the page encodes photographs of your own")
