"""What does a flat map of the z-points show, beside that of a Gaussian?"""

import numpy as np
import pandas as pd

from zpoints.analyses.tsne.config import Config
from zpoints.analyses.tsne.method.tsne_maps import COLUMNS, Map, Recipe, atlas
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable

REAL = ("x", "y", "null_x", "null_y", "radius")  # columns whose numbers are not whole


def measure(latents: Latents, labels: Labels, config: Config) -> Measurement:
    """t-SNE maps of mu of training images, and of as many points of a Gaussian of equal mean and covariance.

    The first map has one of each of the other two nulls beside it, in numbers alone.

    numbers: `maps` by number, from "1": settings, and for `mu`, `null`, `elliptical` and `permuted` what the map is
    worth; `columns` of the arrays; `left_out`: attributes that colour no map, since the data do not have them.
    Arrays `map_1`, `map_2` ...: float32 (points, columns). Table `tsne`: a subsample of each, for figures.

    Raises NotMeasurable where there are too few training images for a perplexity or for so many neighbours.
    """
    if reason := config.minimum().shortage(len(latents.rows("train"))):
        raise NotMeasurable(reason)
    values = {} if labels.attributes is None else dict(zip(labels.attribute_names, labels.attributes.T, strict=True))
    known = {name: values[name] for name in config.attributes if name in values}
    recipes = [Recipe(count, **settings.model_dump()) for count in config.points for settings in config.settings]
    maps = atlas(latents, recipes, known, config.n_neighbors, config.subsample, config.n_clusters, config.seed)
    columns = [*COLUMNS, *(f"attribute_{name}" for name in known)]
    numbered = {str(number): content for number, content in enumerate(maps, 1)}
    return Measurement(
        {
            "neighbours": config.n_neighbors,
            "columns": columns,
            "left_out": [name for name in config.attributes if name not in known],
            "maps": {number: content.numbers for number, content in numbered.items()},
        },
        {"tsne": pd.concat([_plotted(number, content, columns, config) for number, content in numbered.items()])},
        {f"map_{number}": content.table for number, content in numbered.items()},
    )


def _plotted(number: str, content: Map, columns: list[str], config: Config) -> pd.DataFrame:
    """Lines of the table for figures, with six digits: a figure shows no more."""
    frame = pd.DataFrame(content.plotted(config.n_plotted, config.seed), columns=columns)
    digits = {name: [float(f"{value:.6g}") for value in frame[name]] for name in REAL}
    whole = {name: frame[name].astype(np.int64) for name in columns if name not in REAL}
    frame = pd.DataFrame(digits | whole, columns=columns)
    frame.insert(0, "recipe", content.recipe.title)
    frame.insert(0, "map", int(number))
    return frame
