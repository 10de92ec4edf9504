"""Score what one model decodes from the points of every sampler, and how well it reconstructs held-out images."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelFolder, ModelName, ShardsFolder, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.analyses.evaluation.config import Evaluation
from zpoints.config.features import Features
from zpoints.config.samplers import Sampling

PICTURES = 10  # of the best, the median and the worst reconstructions


def evaluate(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    features: Annotated[Path, typer.Option(help="of real images")] = Path("data/features"),
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Score the images of every sampler: evaluation.json, and a row for each score in evaluation.csv.

    quality.csv has a row for each reconstructed held-out image. Pictures go into a folder: best.npy, median.npy and
    worst.npy, uint8 (2 n, size, size, 3): n originals, then their reconstructions.
    """
    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block, sampling = loaded[Evaluation], loaded[Sampling]

    start_tensorflow()
    import numpy as np

    from zpoints.analyses.evaluation.measure import reconstructions as quality
    from zpoints.artifacts import whole_folder, write_csv, write_json
    from zpoints.latents.cloud import Cloud
    from zpoints.latents.images import expect_images
    from zpoints.latents.samplers import samplers
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import Onet
    from zpoints.metrics.image_quality import fidelity
    from zpoints.metrics.reference import Reference
    from zpoints.metrics.scoring import look, parts
    from zpoints.progress import track
    from zpoints.shards.store import Shards

    lab = Trained.open(model, trained or Path("data/models", model))
    points = lab.latents(latents or Path("data/latents", model))
    images = Shards.open(shards)
    expect_images(points, images)
    known = Reference.open(features, block, points.split)
    space = Onet(loaded[Features].face)
    scorer = known.scorer(space)

    cloud = Cloud(points.mu, points.rows("train"))
    drawn = {}
    for name, sampler in track(samplers(sampling).items(), label="samplers"):
        z = sampler(cloud, block.images, sampling.seed)
        drawn[name] = scorer.scores(look(space, (lab.decode(part) for part in parts(z))))
    rows = known.rows["held_out"]
    mu = np.array(points.mu[rows])
    drawn["reconstructions"] = scorer.scores(look(space, (lab.decode(part) for part in parts(mu))))
    pairs = list(zip(parts(rows), parts(mu), strict=True))
    measures = quality.joined(
        [fidelity(images.read(real), lab.decode(z)) for real, z in track(pairs, label="reconstructions")]
    )

    with whole_folder(out / "pictures" if out else Path("data/evaluation", model), "evaluate") as pictures:
        for name, places in quality.extremes(measures["above_floor"], PICTURES).items():
            both = [images.read(rows[places]), lab.decode(mu[places])]
            np.save(pictures / f"{name}.npy", np.concatenate(both))
    folder = out or Path("data/measurements", model)
    counts = {name: len(found) for name, found in known.rows.items()}
    write_json(
        folder / "evaluation.json",
        {
            "images": {"drawn": block.images, **counts},
            "features": known.index["features"],
            "samplers": drawn,
            "controls": known.controls,
            "quality": quality.summary(measures, block.seed),
        },
    )
    ends = ("value", "low", "high")
    write_csv(
        folder / "evaluation.csv",
        [
            {"points": name, "score": key, **{end: score[end] for end in ends}}
            for name, scores in {**drawn, **known.controls}.items()
            for key, score in scores.items()
        ],
    )
    write_csv(folder / "quality.csv", quality.lines(images.ids[rows], rows, measures))


if __name__ == "__main__":
    run(evaluate)
