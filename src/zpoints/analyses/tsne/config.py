"""Which t-SNE maps of mu are made, and how they are examined and coloured."""

import math
from typing import Annotated

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Frozen, Minimum
from zpoints.stats.tsne import NEIGHBORS_PER_PERPLEXITY


class Settings(Frozen):
    """Of one map. The first quarter of the iterations exaggerates, as the first 250 of scikit-learn's 1,000 do."""

    early_exaggeration: float = Field(12.0, ge=1, le=100)
    perplexity: float = Field(30.0, ge=2, le=500)
    iterations: int = Field(1000, ge=4, le=100_000)


class Config(AnalysisConfig):
    """A map for every number of points with every setting; more points than there are means all of them."""

    points: tuple[Annotated[int, Field(ge=20)], ...] = (20_000,)
    settings: tuple[Settings, ...] = (Settings(),)
    n_neighbors: int = Field(10, ge=1, le=100, description="k of trustworthiness and of the share of neighbours kept")
    subsample: int = Field(2000, ge=20, le=5000, description="points of trustworthiness and of Hopkins' statistic")
    n_clusters: int = Field(10, ge=2, le=1000, description="k of MiniBatchKMeans on mu, whose labels colour the map")
    attributes: tuple[str, ...] = Field((), description="names of the data set's attributes that colour the map")
    n_plotted: int = Field(3000, ge=1, le=20_000, description="points of each map that go into the figure")
    seed: int = Field(0, ge=0, lt=2**31)

    def minimum(self, z_dim: int = 1) -> Minimum:
        perplexity = max(settings.perplexity for settings in self.settings)
        needed = max(NEIGHBORS_PER_PERPLEXITY * math.ceil(perplexity), 2 * self.n_neighbors) + 1
        return Minimum(needed, f"a perplexity of {perplexity:g} and {self.n_neighbors} neighbours")

    def check(self) -> None:
        for key in ("points", "settings", "attributes"):
            values = getattr(self, key)
            if len(set(values)) < len(values):
                raise ConfigError(key, "each entry once", [str(value) for value in values])
        for key in ("points", "settings"):
            if not getattr(self, key):
                raise ConfigError(key, "at least one entry", [])
        count = min(self.points)
        perplexity, most = (
            max(settings.perplexity for settings in self.settings),
            (count - 1) // NEIGHBORS_PER_PERPLEXITY,
        )
        if perplexity > most:
            raise ConfigError("settings", f"a perplexity of at most {most} for {count} points", perplexity)
        if 2 * self.n_neighbors >= min(self.subsample, count):
            expected = f"less than half of the {min(self.subsample, count)} points that are looked at"
            raise ConfigError("n_neighbors", expected, self.n_neighbors)
