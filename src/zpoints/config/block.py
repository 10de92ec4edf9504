"""What every block of params.yaml is built from: frozen, strict, and without room for unknown keys."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A frozen model: unknown keys and values of another type are errors, NaN and infinity too."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Block:
    """One top-level block of params.yaml, of the name `key`: `class Training(Frozen, Block, key="training")`."""

    key: ClassVar[str]

    def __init_subclass__(cls, key: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.key = key

    def check(self, blocks: dict[str, Any]) -> None:
        """Check this block against the others (by key). Raises `ConfigError` for what does not go together."""


class AnalysisConfig(Frozen):
    """The block of one analysis, below its group: `analyses.radius` is zpoints.analyses.radius.config.Config."""

    group: ClassVar[str] = "analyses"

    def check(self) -> None:
        """Check the keys against each other. Raises `ConfigError`, its key relative to the block."""


class ConfigError(Exception):
    """A value that is valid by itself and does not go together with another one."""

    def __init__(self, key: str, expected: str, received: Any) -> None:
        super().__init__(key, expected, received)
        self.key, self.expected, self.received = key, expected, received
