"""All maps of one model: of each number of points with each setting, its own beside its null, with colours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from zpoints.stats import tsne
from zpoints.analyses.tsne.measure.cluster_tendency import hopkins
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments, subsample
from zpoints.stats.pca import principal_axes
from zpoints.stats.pca import scores
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.shards.store import Shards

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

    `row` is the image's place in the shards, exact in float32 below 2**24.
    """

    recipe: Recipe
    table: np.ndarray
    numbers: dict[str, Any]

    def drawn(self, count: int, seed: int) -> np.ndarray:
        """At most `count` lines of the table; the same seed draws the same images for every model of one data set."""
        return self.table[subsample(np.arange(len(self.table)), count, (seed, 2))]


def colours(shards: Shards, attributes: Sequence[str]) -> dict[str, np.ndarray]:
    """The attributes of all images by name, uint8 (images,); none where the data set has none at all.

    Raises UserError for a name that it does not have.
    """
    if shards.attributes is None:
        return {}
    known = {name: place for place, name in enumerate(shards.attribute_names)}
    for name in attributes:
        if name not in known:
            raise UserError(f"tsne.attributes: expected names out of {', '.join(known)}, received {name}")
    return {name: shards.attributes[:, known[name]] for name in attributes}


def atlas(
    points: Latents,
    recipes: Sequence[Recipe],
    tints: Mapping[str, np.ndarray],
    neighbours: int,
    size: int,
    clusters: int,
    seed: int,
) -> list[Map]:
    """All maps of mu of training images, in the order of the recipes.

    A recipe that asks for more points than there are gets all, and maps that are then the same are made once. Memory is
    that of the largest map: about 1.5 kB for each of its points beside 8 z_dim bytes.

    Args: tints has values for each image; `neighbours` is the k of the measures, `size` the points of those that take
    a subsample. Raises UserError where there are too few points for a perplexity or for so many neighbours.
    """
    rows = points.rows("train")
    recipes = list(dict.fromkeys(replace(recipe, points=min(recipe.points, len(rows))) for recipe in recipes))
    for recipe in recipes:
        _refuse_too_few(recipe, neighbours, size)
    with tsne.reproducible():
        cloud = moments(blocks(points.mu, rows, "mean and covariance"))
        cloud.varying()
        found: dict[Recipe, Map] = {}
        for count in dict.fromkeys(recipe.points for recipe in recipes):
            own = [recipe for recipe in recipes if recipe.points == count]
            found |= _of_one_size(points, rows, cloud, own, tints, neighbours, size, clusters, seed)
    return [found[recipe] for recipe in recipes]


def _refuse_too_few(recipe: Recipe, neighbours: int, size: int) -> None:
    most = (recipe.points - 1) // tsne.NEIGHBOURS_PER_PERPLEXITY
    if recipe.perplexity > most:
        raise UserError(
            f"tsne.settings: expected a perplexity of at most {most} for {recipe.points} points, "
            f"received {recipe.perplexity:g}"
        )
    if 2 * neighbours >= min(size, recipe.points):
        raise UserError(
            f"tsne.neighbours: expected less than half of the {min(size, recipe.points)} points that are looked at, "
            f"received {neighbours}"
        )


def _of_one_size(
    points: Latents,
    rows: np.ndarray,
    cloud: Moments,
    recipes: Sequence[Recipe],
    tints: Mapping[str, np.ndarray],
    neighbours: int,
    size: int,
    clusters: int,
    seed: int,
) -> dict[Recipe, Map]:
    """The maps of one subsample, whose neighbours are looked for once."""
    _, axes = principal_axes(cloud)
    sample = subsample(rows, recipes[0].points, (seed, 0))
    null = Gaussian.like(cloud).sample(len(sample), (seed, 1))
    sources = {"mu": points.mu[sample], "null": null}
    radius = np.linalg.norm(sources["mu"].astype(np.float64), axis=1)
    kinds = {name: values[sample] for name, values in tints.items()}
    reach = max(neighbours, *(tsne.needed(recipe.perplexity) for recipe in recipes))
    looked_at = subsample(np.arange(len(sample)), size, (seed, 3))
    places: dict[tuple[Recipe, str], np.ndarray] = {}
    numbers: dict[tuple[Recipe, str], dict[str, Any]] = {}
    cluster = {}
    for source, values in sources.items():
        near = tsne.neighbours(values, reach)
        start = scores(values, cloud, axes)
        cluster[source] = tsne.labels(values, clusters, seed)
        for recipe in recipes:
            settings = recipe.perplexity, recipe.early_exaggeration, recipe.iterations, seed
            drawn, divergence = tsne.embed(start, near, *settings, label=f"{source}: {recipe.title}")
            near_in_map = tsne.neighbours(drawn, neighbours)
            groups = {"cluster": cluster[source], **(kinds if source == "mu" else {})}
            places[recipe, source] = drawn
            kin = {name: tsne.same(kind, near_in_map) for name, kind in groups.items()}
            numbers[recipe, source] = {
                "kl_divergence": divergence,
                "trustworthiness": tsne.trust(values[looked_at], drawn[looked_at], neighbours),
                "neighbours_kept": tsne.kept(near.nearest(neighbours), near_in_map),
                "hopkins": hopkins(drawn, size, seed),
                "same": {key: {name: one[key] for name, one in kin.items()} for key in SAME},
            }
    shared = [radius, cluster["mu"], *kinds.values()]
    return {
        recipe: Map(
            recipe,
            np.column_stack([sample, places[recipe, "mu"], places[recipe, "null"], *shared]).astype(np.float32),
            {
                **asdict(recipe),
                "looked_at": len(looked_at),
                "neighbours_kept_by_chance": neighbours / (len(sample) - 1),
                **{source: numbers[recipe, source] for source in sources},
            },
        )
        for recipe in recipes
    }
