"""How the noise of a VAE is measured."""

from pydantic import Field

from zpoints.params.block import Block, Frozen


class Noise(Frozen, Block, key="noise"):
    """Components of z - mu beyond `far` are counted; logvar's histogram has bins of `bin_width`."""

    far: float = Field(0.05, gt=0)
    bin_width: float = Field(0.5, ge=0.01)
