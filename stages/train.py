"""Train one model on the shards, validating on the held-out images after each epoch."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ModelFolder, ModelName, ShardsFolder, model_entry
from stages._tensorflow import start_tensorflow
from zpoints.config.models import ExternalEntry
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError

Seed = Annotated[int | None, typer.Option(min=0, help="override training.seed for this run; needs --out")]
FromEpoch = Annotated[
    int | None, typer.Option(min=1, help="branch: begin with this epoch, kept by the trained model; needs --out")
]


def train(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    seed: Seed = None,
    from_epoch: FromEpoch = None,
    trained: ModelFolder = None,
    out: Out = None,
) -> None:
    """Train one model.

    Weights and kept epochs go to data/models/MODEL; numbers, history, table of parameters and speed to
    data/measurements/MODEL/training, or with --out to OUT and OUT/training.

    Example: python -m stages.train vae_tiny -S training.epochs=2 --out /tmp/two_epochs
    """
    loaded = parameters(params, set_param, out, "train")
    spec = model_entry(loaded, model)
    training, monitoring = spec.training(loaded[Training]), loaded[Monitoring]
    for option, given in (("--seed", seed), ("--from-epoch", from_epoch)):
        if given is not None and out is None:
            raise UserError(f"{option}: expected --out as well, received none; DVC's outs hold what params.yaml says")
    if trained and from_epoch is None:
        raise UserError(f"--trained: expected --from-epoch as well, received {trained} alone")
    if seed is not None:
        training = training.model_copy(update={"seed": seed})

    from zpoints.artifacts import refuse_foreign

    for place in (out or Path("data/models", model), (out or Path("data/measurements", model)) / "training"):
        refuse_foreign(place, "train")  # hours before it is written
    if isinstance(spec, ExternalEntry):
        _describe_external(spec, model, out)
        return
    start_tensorflow()
    import pandas as pd

    from zpoints.artifacts import whole_folder
    from zpoints.measurement import Measurement
    from zpoints.models.model_folder import save
    from zpoints.shards.store import Shards
    from zpoints.training.branch import open_branch
    from zpoints.training.devices.strategy import Devices, planned_replicas
    from zpoints.training.fit import describe_run, fit
    from zpoints.training.resume import Checkpoints, branch_key, run_key
    from zpoints.training.summary import beta_line, summary, tables

    images = Shards.open(shards)
    key = run_key(spec, training, images, replicas=planned_replicas(training.strategy))
    # Before TensorFlow runs anything. What must be the same on all workers includes where a branch begins.
    devices = Devices.open(training.strategy, f"{key} {from_epoch}")

    def begin_branch() -> dict[str, Any] | None:
        if from_epoch is None:
            return None
        start = trained or Path("data/models", model)
        branch = open_branch(start, from_epoch, training, monitoring, describe_run(spec, training, images))
        kept = Checkpoints(resume / branch_key(key, branch.entry()))
        kept.begin_at(branch.epochs, branch.epochs_to_copy(monitoring))
        return branch.entry()

    # DVC deletes outs before a stage starts, and runs experiments in copies: checkpoints lie at its root.
    resume = Path(os.environ.get("DVC_ROOT", "."), ".resume")
    with devices.lost_workers_as_user_errors():
        entry = devices.from_chief(begin_branch)
    checkpoints = Checkpoints(resume / (branch_key(key, entry) if entry else key))
    if devices.chief and (line := beta_line(spec)):
        print(line, flush=True)
    verbose = "auto" if sys.stdout.isatty() else 2
    fitted, history = fit(spec, training, images, checkpoints, verbose, devices, monitoring)
    if not devices.chief:
        return
    with whole_folder(out or Path("data/models", model), "train") as folder:
        save(folder, fitted, training, entry)
        checkpoints.hand_over(folder / "epochs", monitoring.keep_epochs)
    frames = {name: pd.DataFrame(rows) for name, rows in tables(fitted, history, checkpoints.speed).items()}
    measurement = Measurement(summary(fitted, history), frames)
    measurement.write((out or Path("data/measurements", model)) / "training", "train")
    checkpoints.clear()


def _describe_external(entry: ExternalEntry, model: str, out: Path | None) -> None:
    """In place of a training: say what the model is, and that nothing was trained."""
    from zpoints.artifacts import whole_folder
    from zpoints.measurement import Measurement
    from zpoints.models.external import write_external

    with whole_folder(out or Path("data/models", model), "train") as folder:
        write_external(entry, folder)
    reason = "an external model is not trained here"
    Measurement.missing(reason).write((out or Path("data/measurements", model)) / "training", "train")
    print(f"train: {model}: {reason}")


if __name__ == "__main__":
    run(train)
