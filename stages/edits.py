"""Add attributes to held-out faces with one model, take them away, and measure what came of it."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelFolder, ModelName, ShardsFolder, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.analyses.edits.config import Edits
from zpoints.config.features import Features

COLUMNS = (
    *("by", "attribute", "strength", "success", "success_low", "success_high", "identity", "identity_low"),
    *("identity_high", "others", "random_success", "random_identity", "faces_success", "faces_identity"),
)
# Where no attribute can be edited: nothing succeeds, and every face stays itself.
NOTHING = dict.fromkeys(COLUMNS, 0.0) | {"by": "none", "attribute": "none", "identity": 1.0}


def edits(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    directions: Annotated[
        Path | None, typer.Option(help="of the attributes  [default: data/attributes/MODEL]", metavar="PATH")
    ] = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Edit held-out faces by attribute directions: edits.json, and a row for each attribute and strength in edits.csv.

    The attribute `all` is the mean over the others. Pictures, uint8 (n, size, size, 3), go into a folder: edits.npy has
    for each attribute a held-out face, its reconstruction and its edits, strength by strength; analogies.npy has a, b,
    c and a - b + c of each analogy.
    """
    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Edits]

    start_tensorflow()
    import numpy as np

    from zpoints.analyses.edits.measure import edit_evaluator as editing
    from zpoints.artifacts import whole_folder, write_csv, write_json
    from zpoints.latents.labels import probed
    from zpoints.latents.trained import Trained
    from zpoints.metrics.decoded_features import Bench
    from zpoints.metrics.feature_space import Onet
    from zpoints.shards.store import Shards
    from zpoints.stats.reference_distributions import subsample

    lab = Trained.open(model, trained or Path("data/models", model))
    points = lab.latents(latents or Path("data/latents", model))
    ways = lab.directions(directions or Path("data/attributes", model))
    bench = Bench(lab, Shards.open(shards), Onet(loaded[Features].face))
    train = points.rows("train")
    labels = probed(points, bench.shards, subsample(train, block.judged, (block.seed, 0)), block.least)
    names = [name for name in labels.attributes.names if name in ways.names]
    court = editing.Court.of(bench, points.mu, labels, names, block)
    others = np.array(points.mu[subsample(train, editing.FACES, (block.seed, 2))])
    found = editing.edit_all(bench, court, ways, others, block)
    analogies, impossible, panels = editing.analogies(bench, court, block)

    empty = np.zeros((0, bench.shards.size, bench.shards.size, 3), np.uint8)
    with whole_folder(out / "pictures" if out else Path("data/edits", model), "edits") as pictures:
        np.save(pictures / "edits.npy", np.concatenate([empty, *found.strips]))
        np.save(pictures / "analogies.npy", np.concatenate([empty, *panels]))
    folder = out or Path("data/measurements", model)
    write_json(
        folder / "edits.json",
        {
            "images": {"judged": len(labels.train), "held_out": len(court.rows)},
            "judge": court.describe(),
            "left_out": editing.left_out(court, labels, block) | impossible,
            "identity": court.identity(block.seed) | {"level": block.identity},
            "at_identity": found.at_identity,
            "analogies": analogies,
        },
    )
    write_csv(folder / "edits.csv", found.rows or [NOTHING], COLUMNS)


if __name__ == "__main__":
    run(edits)
