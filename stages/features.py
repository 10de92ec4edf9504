"""Compute features of real images with a network for faces; the decoded images of all models are compared with them."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._tensorflow import start_tensorflow


def features(
    shards: Annotated[Path, typer.Option(help="the prepared images")] = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write features of real images into data/features: of the reference, of others for their scale, of held-out ones.

    controls.json has the scores of held-out images and of pictures made from them: blurred, blended, shuffled, noise.

    Example: python -m stages.features --out /tmp/features
    """
    loaded = parameters(params, set_param, out, "features")
    folder = out or Path("data/features")

    from zpoints.artifacts import refuse_foreign, whole_folder
    from zpoints.config.features import Features
    from zpoints.shards.store import Shards

    refuse_foreign(folder, "features")
    start_tensorflow()
    from zpoints.metrics.feature_space import Onet
    from zpoints.metrics.reference import write_reference

    settings = loaded[Features]
    with whole_folder(folder, "features") as partial:
        write_reference(Shards.open(shards), Onet(settings.face), settings, partial)


if __name__ == "__main__":
    run(features)
