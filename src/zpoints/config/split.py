"""Which images train and which are held out."""

from typing import Any, Literal

from pydantic import Field, StrictFloat, StrictInt

from zpoints.config.block import Block, ConfigError, Frozen


class Split(Frozen, Block, key="split"):
    """A number of images (170000), a fraction (0.9), or CelebA's own partition (`by: official`, train null)."""

    train: StrictInt | StrictFloat | None = 0.9
    by: Literal["random", "identity", "official"] = "random"
    seed: int = Field(0, ge=0)

    def check(self, blocks: dict[str, Any]) -> None:
        if self.by == "official":
            if self.train is not None:
                raise ConfigError("split.train", "null with split.by: official, which decides itself", self.train)
        elif isinstance(self.train, int) and self.train < 1:
            raise ConfigError("split.train", "a count of at least 1, or a fraction between 0 and 1", self.train)
        elif isinstance(self.train, float) and not 0 < self.train < 1:
            raise ConfigError("split.train", "a fraction between 0 and 1, or a whole number of images", self.train)
        elif self.train is None:
            raise ConfigError("split.train", f"a count or a fraction with split.by: {self.by}", None)
