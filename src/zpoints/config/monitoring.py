"""How training is watched, and which of its states are kept.

Nothing here changes the weights of a run that goes well, so no change here retrains a model.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from zpoints.config.block import Block, ConfigError, Frozen


class Monitoring(Frozen, Block, key="monitoring"):
    """What counts as divergence, what is done then, and the epochs whose full state is kept."""

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
        kept = list(self.keep_epochs)
        if len(set(kept)) < len(kept):
            raise ConfigError("monitoring.keep_epochs", "each epoch once", kept)
        # A model that trains for fewer epochs keeps those that it has.
        models = blocks["models"]
        longest = max(models[name].training(blocks["training"]).epochs for name in models)
        if max(kept, default=0) > longest:
            raise ConfigError(
                "monitoring.keep_epochs", f"none above {longest}, the epochs of the longest training", kept
            )


def refuse_moved_keys(content: Any) -> Any:
    """Say where the keys of this block belong, for blocks in which they once stood; other content passes unchanged."""
    moved = [key for key in Monitoring.model_fields if key in content] if isinstance(content, dict) else []
    if moved:
        message = f"{', '.join(Monitoring.model_fields)} in the block monitoring"
        error = PydanticCustomError("moved_keys", message)
        raise ValidationError.from_exception_data("", [InitErrorDetails(type=error, loc=(moved[0],), input=moved)])
    return content
