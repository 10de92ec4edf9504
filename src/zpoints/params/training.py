"""How models are trained; an entry of `models` may override any of these keys for itself."""

from pydantic import Field

from zpoints.params.block import Block, Frozen


class Training(Frozen, Block, key="training"):
    """Adam's learning rate and the schedule; the seed fixes initial weights, shuffling and noise."""

    epochs: int = Field(24, ge=1)
    batch_size: int = Field(128, ge=1)
    learning_rate: float = Field(5e-4, gt=0, le=1)
    seed: int = Field(0, ge=0)
