"""How images are encoded."""

from pydantic import Field

from zpoints.config.block import Block, Frozen


class Encoding(Frozen, Block, key="encoding"):
    """The seed draws the noise of z = mu + sigma * epsilon; the batch size is a matter of speed alone."""

    batch_size: int = Field(256, ge=1)
    seed: int = Field(0, ge=0)
    eps_factor: float | None = Field(
        None, ge=0, le=100, description="scales the noise of z; null: by the model's own, as in training"
    )
