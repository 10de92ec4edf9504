"""What every block of params.yaml is built from: frozen, strict, and without room for unknown keys."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Minimum:
    """What an analysis needs at least, as its Config stands.

    train, held_out: images. why: what asks for so many training images. labels: attributes or factors of the images.
    """

    train: int = 2
    why: str = ""
    held_out: int = 0
    labels: bool = False

    def shortage(self, train: int, held_out: int | None = None) -> str | None:
        """Why so many images are too few, "needs N, has M"; None where they are enough. held_out: None for any."""
        if train < self.train:
            return f"needs {self.train} training images{self.why and f' for {self.why}'}, has {train}"
        if held_out is not None and held_out < self.held_out:
            return f"needs {self.held_out} held-out images, has {held_out}"
        return None

    def __str__(self) -> str:
        parts = [f"{self.train} training images{self.why and f' for {self.why}'}"]
        parts += [f"{self.held_out} held-out ones"] if self.held_out else []
        parts += ["labels"] if self.labels else []
        return ", ".join(parts)


class AnalysisConfig(Frozen):
    """The block of one analysis, below its group: `analyses.radius` is zpoints.analyses.radius.config.Config."""

    group: ClassVar[str] = "analyses"

    def minimum(self, z_dim: int = 1) -> Minimum:
        """What it needs at least, of so many axes that vary.

        Below that `measure` ends as not measurable, and `prepare` says so beforehand.
        """
        return Minimum()

    def check(self) -> None:
        """Check the keys against each other. Raises `ConfigError`, its key relative to the block."""


class ConfigError(Exception):
    """A value that is valid by itself and does not go together with another one."""

    def __init__(self, key: str, expected: str, received: Any) -> None:
        super().__init__(key, expected, received)
        self.key, self.expected, self.received = key, expected, received
