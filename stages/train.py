"""Train one model on the shards, validating on the held-out images after each epoch."""

import os
import sys
from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ModelName, ShardsFolder, model_entry
from stages._tensorflow import start_tensorflow
from zpoints.params.training import Training


def train(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Train one model; weights, history and parameter table go to data/models/MODEL."""
    loaded = parameters(params, set_param, out)
    spec = model_entry(loaded, model)
    training = spec.training(loaded[Training])

    start_tensorflow()
    from zpoints.outs import whole_folder, write_json
    from zpoints.shards.store import Shards
    from zpoints.training.fit import fit
    from zpoints.training.resume import Checkpoints, run_key
    from zpoints.training.store import save
    from zpoints.training.summary import summary

    images = Shards.open(shards)
    # DVC deletes outs before a stage starts, and runs experiments in copies: the state of a run lies at its root.
    checkpoints = Checkpoints(Path(os.environ.get("DVC_ROOT", "."), ".resume", run_key(spec, training, images)))
    trained, history = fit(spec, training, images, checkpoints, verbose="auto" if sys.stdout.isatty() else 2)
    with whole_folder(out or Path("data/models", model)) as folder:
        save(folder, trained, training, history)
    write_json((out or Path("data/measurements", model)) / "training.json", summary(trained, history))
    checkpoints.clear()


if __name__ == "__main__":
    run(train)
