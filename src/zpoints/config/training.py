"""How models are trained; an entry of `models` may override any of these keys for itself."""

from typing import Any, Literal

from pydantic import Field, model_validator

from zpoints.config.block import Block, ConfigError, Frozen
from zpoints.config.monitoring import refuse_moved_keys

MAX_SEED = 2**63 - 1  # TensorFlow keys noise with int64


class Training(Frozen, Block, key="training"):
    """Everything that decides the weights of a run, beside the model and the images.

    `seed` fixes initial weights and noise, `order_seed` the order of the images (null: as seed).
    """

    epochs: int = Field(24, ge=1, le=1_000_000)
    batch_size: int = Field(128, ge=1, le=1_000_000)
    learning_rate: float = Field(5e-4, gt=0, le=1)
    seed: int = Field(0, ge=0, le=MAX_SEED)
    order_seed: int | None = Field(
        None, ge=0, le=MAX_SEED, description="of the order of the images alone; null: as seed"
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "float32", description="of the arithmetic; weights, latent space and losses are float32 in any"
    )
    layers: Literal["fast", "stock"] = Field(
        "fast", description="stock: Keras' own layers and Adam, for comparison; the same up to rounding"
    )
    strategy: Literal["none", "mirrored", "multi_worker"] = Field(
        "none", description="none: one device; mirrored: all GPUs of this machine; multi_worker: machines of TF_CONFIG"
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_moved_keys(cls, content: Any) -> Any:
        return refuse_moved_keys(content)

    def check(self, blocks: dict[str, Any]) -> None:
        self.check_strategy(self.key)

    def check_strategy(self, key: str) -> None:
        """Raise ConfigError, naming the block at `key`, where the layers don't work with the strategy."""
        if self.layers == "stock" and self.strategy != "none":
            raise ConfigError(f"{key}.strategy", "none with layers: stock, which train on one device", self.strategy)

    def outcome(self) -> dict[str, Any]:
        """All keys as plain data: each of them decides the weights."""
        return self.model_dump(mode="json")

    @property
    def shuffle_seed(self) -> int:
        """The seed of the order of the images."""
        return self.seed if self.order_seed is None else self.order_seed
