"""Compute features of real images with a network; the decoded images of all models are compared with them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stages._blas import one_thread_for_few
from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._tensorflow import start_tensorflow


def features(
    shards: Annotated[Path, typer.Option(help="the prepared images")] = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write features of real images into data/features: of the reference, of others for their scale, of held-out ones.

    Where there can be none, because the images are too few or show no faces, missing.json says why.
    controls.json has the scores of held-out images and of pictures made from them: blurred, blended, shuffled, noise.

    Example: python -m stages.features --out /tmp/features
    """
    loaded = parameters(params, set_param, out, "features")
    folder = out or Path("data/features")

    from zpoints.artifacts import refuse_foreign, whole_folder, write_json
    from zpoints.config.features import Features
    from zpoints.shards.store import Shards

    refuse_foreign(folder, "features")
    settings, images = loaded[Features], Shards.open(shards)
    counts = (len(images.rows(side)) for side in ("train", "held_out"))
    reason = settings.missing() or settings.shortage(*counts)
    if reason is None:
        one_thread_for_few((settings.images + settings.scaler_images) * 512)  # features of an image
        start_tensorflow()
        from zpoints.measurement import NotMeasurable
        from zpoints.metrics.feature_space import expect_faces, open_space
        from zpoints.metrics.reference import write_reference

        space = open_space(settings)
        try:
            expect_faces(space, images, settings.min_faces)
            with whole_folder(folder, "features") as partial:
                write_reference(images, space, settings, partial)
        except NotMeasurable as error:
            reason = str(error)
    if reason is not None:
        print(f"features: not measurable: {reason}", file=sys.stderr)
        with whole_folder(folder, "features") as partial:
            write_json(partial / "missing.json", {"not_measurable": reason})


if __name__ == "__main__":
    run(features)
