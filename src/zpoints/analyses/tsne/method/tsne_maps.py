"""All maps of one model: of each number of points with each setting, its own beside its null, with colours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from zpoints.analyses.tsne.method.cluster_tendency import hopkins, silhouette
from zpoints.latents.store import Latents
from zpoints.stats import tsne
from zpoints.stats.pca import principal_axes, scores
from zpoints.stats.reference_distributions import Moments, Null, blocks, moments, null_models, subsample

COLUMNS = ("row", "x", "y", "null_x", "null_y", "radius", "cluster")  # of a map; attributes follow
SAME = ("share", "chance", "beyond_chance")


@dataclass(frozen=True)
class Recipe:
    """Number of points of a map, and its settings."""

    points: int
    early_exaggeration: float
    perplexity: float
    iterations: int

    @property
    def title(self) -> str:
        """What tells it from the others, for people."""
        return (
            f"{self.points:,} points, perplexity {self.perplexity:g}, exaggeration {self.early_exaggeration:g}, "
            f"{self.iterations:,} iterations"
        )


@dataclass(frozen=True)
class Map:
    """A map, float32 (n, 7 + attributes): row, x, y, null_x, null_y, radius, cluster, attributes; and its numbers.

    `row` is the image's index in the shards, exact in float32 below 2**24.
    """

    recipe: Recipe
    table: np.ndarray
    numbers: dict[str, Any]

    def plotted(self, count: int, seed: int) -> np.ndarray:
        """At most `count` lines of the table; the same seed draws the same images for every model of one data set."""
        return self.table[subsample(np.arange(len(self.table)), count, (seed, 2))]


def atlas(
    latents: Latents,
    recipes: Sequence[Recipe],
    attributes: Mapping[str, np.ndarray],
    n_neighbors: int,
    size: int,
    n_clusters: int,
    seed: int,
) -> list[Map]:
    """All maps of mu of training images, in the order of the recipes.

    A recipe that asks for more points than there are gets all, and maps that are then the same are made once. Memory is
    that of the largest map: about 1.5 kB for each of its points beside 8 z_dim bytes.

    attributes: by name, uint8 (images,). n_neighbors: of the measures. size: points of those that take a subsample.
    """
    rows = latents.rows("train")
    recipes = list(dict.fromkeys(replace(recipe, points=min(recipe.points, len(rows))) for recipe in recipes))
    with tsne.reproducible():
        cloud = moments(blocks(latents.mu, rows, "mean and covariance"))
        nulls = null_models(latents.mu, rows, cloud, (seed, 4))
        maps: dict[Recipe, Map] = {}
        for count in dict.fromkeys(recipe.points for recipe in recipes):
            of_this_size = [recipe for recipe in recipes if recipe.points == count]
            # A map is dear: all but the first have the Gaussian's beside them alone.
            beside = nulls if not maps else {"gaussian": nulls["gaussian"]}
            maps |= _of_one_size(
                latents, rows, cloud, beside, of_this_size, attributes, n_neighbors, size, n_clusters, seed
            )
    return [maps[recipe] for recipe in recipes]


def _of_one_size(
    latents: Latents,
    rows: np.ndarray,
    cloud: Moments,
    nulls: Mapping[str, Null],
    recipes: Sequence[Recipe],
    attributes: Mapping[str, np.ndarray],
    n_neighbors: int,
    size: int,
    n_clusters: int,
    seed: int,
) -> dict[Recipe, Map]:
    """The maps of one subsample, whose neighbours are looked for once; nulls but `gaussian` get the first map alone."""
    _, axes = principal_axes(cloud)
    sample = subsample(rows, recipes[0].points, (seed, 0))
    sources = {"mu": latents.mu[sample], "null": nulls["gaussian"].sample(len(sample), (seed, 1))}
    for place, name in enumerate(("elliptical", "permuted"), 5):
        if name in nulls:
            sources[name] = nulls[name].sample(len(sample), (seed, place))
    radius = np.linalg.norm(sources["mu"].astype(np.float64), axis=1)
    known = {name: values[sample] for name, values in attributes.items()}
    needed = max(n_neighbors, *(tsne.needed(recipe.perplexity) for recipe in recipes))
    subset = subsample(np.arange(len(sample)), size, (seed, 3))
    coordinates: dict[tuple[Recipe, str], np.ndarray] = {}
    numbers: dict[tuple[Recipe, str], dict[str, Any]] = {}
    clusters = {}
    for source, values in sources.items():
        near = tsne.neighbors(values, needed)
        start = scores(values, cloud, axes)
        clusters[source] = tsne.cluster_labels(values, n_clusters, seed)
        for recipe in recipes if source in ("mu", "null") else recipes[:1]:
            settings = recipe.perplexity, recipe.early_exaggeration, recipe.iterations, seed
            points, divergence = tsne.embed(start, near, *settings, label=f"{source}: {recipe.title}")
            near_in_map = tsne.neighbors(points, n_neighbors)
            groups = {"cluster": clusters[source], **(known if source == "mu" else {})}
            same = {name: tsne.same(group, near_in_map) for name, group in groups.items()}
            coordinates[recipe, source] = points
            numbers[recipe, source] = {
                "kl_divergence": divergence,
                "trustworthiness": tsne.trust(values[subset], points[subset], n_neighbors),
                "neighbours_kept": tsne.kept(near.nearest(n_neighbors), near_in_map),
                "hopkins": hopkins(points, size, seed),
                "silhouette": silhouette(points, n_clusters, size, seed),
                "same": {key: {name: shares[key] for name, shares in same.items()} for key in SAME},
            }
    shared = [radius, clusters["mu"], *known.values()]
    return {
        recipe: Map(
            recipe,
            np.column_stack([sample, coordinates[recipe, "mu"], coordinates[recipe, "null"], *shared]).astype(
                np.float32
            ),
            {
                **asdict(recipe),
                "looked_at": len(subset),
                "neighbours_kept_by_chance": n_neighbors / (len(sample) - 1),
                **{source: numbers[recipe, source] for source in sources if (recipe, source) in numbers},
            },
        )
        for recipe in recipes
    }
