"""Encode all images with one model: mu, logvar and z of each, memory-mapped in data/latents."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ModelFolder, ModelName, ShardsFolder, model_entry
from stages._tensorflow import start_tensorflow
from zpoints.config.encoding import Encoding
from zpoints.config.models import ExternalEntry
from zpoints.config.training import Training


def encode(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    trained: ModelFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Encode all images with one model into data/latents/MODEL.

    Example: python -m stages.encode vae --out /tmp/latents -S encoding.eps_factor=0.5
    """
    loaded = parameters(params, set_param, out, "encode")
    spec = model_entry(loaded, model)
    training = spec.training(loaded[Training])
    source = trained or Path("data/models", model)

    if isinstance(spec, ExternalEntry):
        from zpoints.artifacts import whole_folder
        from zpoints.latents.external import external_latents
        from zpoints.models.external import external_fingerprint
        from zpoints.shards.store import Shards

        with whole_folder(out or Path("data/latents", model), "encode") as folder:
            external_latents(spec, Shards.open(shards), external_fingerprint(spec, source)).write(folder)
        return

    start_tensorflow()
    from zpoints.artifacts import whole_folder
    from zpoints.latents.encode import encode_images
    from zpoints.models.model_folder import fingerprint, load, refuse_other_params
    from zpoints.shards.store import Shards

    refuse_other_params(source, model, spec, training)
    with whole_folder(out or Path("data/latents", model), "encode") as folder:
        encode_images(load(source), fingerprint(source), Shards.open(shards), loaded[Encoding], folder)


if __name__ == "__main__":
    run(encode)
