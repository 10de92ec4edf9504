"""Draw t-SNE maps of the z-points of one model and of their null Gaussian, and measure what the maps are worth."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, ShardsFolder, refuse_unknown
from zpoints.analyses.tsne.config import Tsne


def tsne(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Map mu of training images, and as many points of a Gaussian of equal mean and covariance: tsne.json.

    The folder tsne holds each map with the colours of its points, tsne.csv a subsample of each for the figures.
    """
    import numpy as np

    from zpoints.analyses.tsne.measure.tsne_maps import Recipe, atlas, colours
    from zpoints.artifacts import whole_folder, write_csv, write_json
    from zpoints.latents.images import expect_images
    from zpoints.latents.store import Latents
    from zpoints.shards.store import Shards

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Tsne]
    points = Latents.open(latents or Path("data/latents", model))
    images = Shards.open(shards)
    expect_images(points, images)
    tints = colours(images, block.attributes)
    recipes = [Recipe(size, **settings.model_dump()) for size in block.points for settings in block.settings]
    maps = atlas(points, recipes, tints, block.neighbours, block.subsample, block.clusters, block.seed)

    folder = out or Path("data/measurements", model)
    columns = ["row", "x", "y", "null_x", "null_y", "radius", "cluster", *(f"attribute_{name}" for name in tints)]
    with whole_folder(folder / "tsne", "tsne") as whole:
        for number, one in enumerate(maps, 1):
            np.save(whole / f"map_{number}.npy", one.table)
    write_json(
        folder / "tsne.json",
        {
            "neighbours": block.neighbours,
            "columns": columns,
            "maps": {str(number): {"file": f"map_{number}.npy", **one.numbers} for number, one in enumerate(maps, 1)},
        },
    )
    write_csv(
        folder / "tsne.csv",
        [
            {"map": number, "recipe": one.recipe.title, "row": int(row)}
            | {column: f"{value:.6g}" for column, value in zip(columns[1:], values, strict=True)}
            for number, one in enumerate(maps, 1)
            for row, *values in one.drawn(block.drawn, block.seed)
        ],
    )


if __name__ == "__main__":
    run(tsne)
