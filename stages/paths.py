"""Walk through the latent space of one model, and measure how far its images stay near real ones."""

from pathlib import Path
from typing import Any

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelFolder, ModelName, ShardsFolder, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.analyses.paths.config import Paths
from zpoints.config.features import Features

PICTURES = 10  # of each path, that are kept


def paths(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Decode what lies along paths of all kinds: paths.json, and the curves of all in paths.csv.

    Pictures along the first path of each kind go into a folder, KIND.npy: uint8 (at most 10, size, size, 3).
    """
    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Paths]

    start_tensorflow()
    import numpy as np

    from zpoints.analyses.paths.measure.path_curves import around, at, between, radii, rows, through, width
    from zpoints.artifacts import whole_folder, write_csv, write_json
    from zpoints.latents.images import expect_images
    from zpoints.latents.trained import Trained
    from zpoints.latents.traversals import WAYS
    from zpoints.metrics.decoded_features import Bench
    from zpoints.metrics.feature_space import Onet
    from zpoints.metrics.knn_realism import Yardstick
    from zpoints.progress import track
    from zpoints.shards.store import Shards
    from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

    lab = Trained.open(model, trained or Path("data/models", model))
    points = lab.latents(latents or Path("data/latents", model))
    bench = Bench(lab, Shards.open(shards), Onet(loaded[Features].face))
    expect_images(points, bench.shards)
    train, held_out, seed = points.rows("train"), points.rows("held_out"), block.seed
    # Shuffled: what is fitted to the first half must not differ from the other by the order on disk.
    chosen = np.random.default_rng((seed, 0)).permutation(train)[: block.reference]
    real = subsample(held_out, block.reference, (seed, 1))
    yardstick = Yardstick.of(bench.real(chosen), bench.real(real), block.neighbours, block.level)

    cloud = moments(blocks(points.mu, train, "mean and covariance"))
    cloud.varying()
    law, spread = Gaussian.like(cloud), float(np.sqrt(np.trace(cloud.covariance)))
    order = np.random.default_rng((seed, 2)).permutation(held_out)
    starts = points.mu[order[: block.starts]]
    pairs = points.mu[order[: 2 * (min(2 * block.pairs, len(order)) // 2)]].reshape(-1, 2, points.z_dim)
    neighbourhood = around(law, starts, np.array(block.distances), spread, (seed, 3))
    bundles = [
        *between(pairs[:, 0], pairs[:, 1], block.steps, law.mean),
        *through(law, starts, block.axes, block.reach, block.steps),
        *neighbourhood,
    ]
    lines: list[dict[str, Any]] = []
    widths = {}
    with whole_folder(out / "pictures" if out else Path("data/paths", model), "paths") as pictures:
        for place, bundle in enumerate(track(bundles, label="paths")):
            flat = bundle.points.reshape(-1, points.z_dim)
            apart = yardstick.distances(bench.decoded(flat)).reshape(bundle.points.shape[:2])
            lines += rows(bundle, apart, yardstick.level, (seed, 4, place))
            if place >= len(bundles) - len(neighbourhood):
                widths[bundle.name] = width(bundle.positions, apart, yardstick.level, (seed, 5, place))
            steps = np.unique(np.rint(np.linspace(0, len(bundle.positions) - 1, PICTURES)).astype(int))
            np.save(pictures / f"{bundle.name}.npy", lab.decode(bundle.points[0, steps]))
        rebuilt = yardstick.distances(bench.decoded(np.array(points.mu[real])))
    drawn = law.sample(len(chosen), (seed, 6))
    folder = out or Path("data/measurements", model)
    write_json(
        folder / "paths.json",
        {
            "images": {"reference": len(yardstick.reference), "real": len(real), "starts": len(starts)},
            "level": yardstick.level,
            "spread": spread,
            "reconstructions": {"distance": float(rebuilt.mean()), "good": float((rebuilt <= yardstick.level).mean())},
            "middle": {name: at(lines, name, 0.5) for name in WAYS},
            "origin": at(lines, "origin", 0.0),
            "mean": at(lines, "axes", 0.0),
            "radius": {"images": radii(points.mu[chosen], law, spread), "gaussian": radii(drawn, law, spread)},
            "width": widths,
        },
    )
    write_csv(folder / "paths.csv", lines)


if __name__ == "__main__":
    run(paths)
