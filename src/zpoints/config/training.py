"""How models are trained; an entry of `models` may override any of these keys for itself."""

from typing import Annotated, Any, Literal

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen

# These say what is kept and what is done in trouble, not what the weights of a run that goes well are.
BESIDE_THE_WEIGHTS = frozenset({"keep_epochs", "divergence_factor", "on_divergence"})


class Training(Frozen, Block, key="training"):
    """Adam's learning rate and the schedule; the seed fixes initial weights, shuffling and noise."""

    epochs: int = Field(24, ge=1)
    batch_size: int = Field(128, ge=1)
    learning_rate: float = Field(5e-4, gt=0, le=1)
    seed: int = Field(0, ge=0)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "float32", description="of the arithmetic; weights, latent space and losses are float32 in any"
    )
    strategy: Literal["none", "mirrored", "multi_worker"] = Field(
        "none", description="none: one device; mirrored: all GPUs of this machine; multi_worker: machines of TF_CONFIG"
    )
    divergence_factor: float | None = Field(
        3.0, gt=1, description="a radius or KL so many times that of the epoch before has diverged; null: never"
    )
    on_divergence: Literal["stop", "rollback", "warn"] = Field(
        "stop", description="rollback: from the last good epoch on with other noise; what is not finite is never passed"
    )
    keep_epochs: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (), description="epochs, from 1, whose full state is kept beside the trained model, to branch from"
    )

    def check(self, blocks: dict[str, Any]) -> None:
        self.hold(self.key)

    def hold(self, place: str) -> None:
        """Hold keep_epochs against epochs, as they stand at `place` in params.yaml. Raises ConfigError."""
        kept = list(self.keep_epochs)
        if len(set(kept)) < len(kept):
            raise ConfigError(f"{place}.keep_epochs", "each epoch once", kept)
        if max(kept, default=0) > self.epochs:
            raise ConfigError(f"{place}.keep_epochs", f"none above {place}.epochs = {self.epochs}", kept)

    def outcome(self) -> dict[str, Any]:
        """The keys that decide the weights of a run that goes well, as plain data."""
        return self.model_dump(mode="json", exclude=set(BESIDE_THE_WEIGHTS))
