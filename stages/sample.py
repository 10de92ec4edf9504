"""Decode z-points of every sampler with one model, and reconstruct held-out images."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelFolder, ModelName, ShardsFolder, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.config.samplers import Sampling


def sample(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Decode z-points of every sampler, and reconstruct held-out images, into data/samples/MODEL."""
    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    source = trained or Path("data/models", model)
    where = latents or Path("data/latents", model)

    start_tensorflow()
    from zpoints.artifacts import whole_folder, write_json
    from zpoints.errors import UserError
    from zpoints.latents.decode import write_samples
    from zpoints.latents.store import Latents
    from zpoints.shards.store import Shards
    from zpoints.training.model_folder import fingerprint, load

    points = Latents.open(where)
    if points.model != fingerprint(source):
        raise UserError(
            f"{where}: expected z-points of {source}, received those of another model; run `dvc repro encode@{model}`"
        )
    with whole_folder(out or Path("data/samples", model), "sample") as folder:
        radius = write_samples(load(source), points, Shards.open(shards), loaded[Sampling], folder)
    write_json((out or Path("data/measurements", model)) / "samples.json", radius)


if __name__ == "__main__":
    run(sample)
