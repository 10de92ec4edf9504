"""Look at real images as a network for faces does: features that the decoded images of all models are held against."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ShardsFolder
from stages._tensorflow import start_tensorflow
from zpoints.analyses.evaluation.config import Evaluation
from zpoints.config.features import Features


def features(
    shards: ShardsFolder = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write features of real images into data/features: of the reference, of others for their units, of held-out ones.

    controls.json has the scores of held-out images and of pictures made from them: blurred, blended, shuffled, noise.
    """
    loaded = parameters(params, set_param, out)

    start_tensorflow()
    from zpoints.artifacts import whole_folder
    from zpoints.metrics.feature_space import Onet
    from zpoints.metrics.reference import write_reference
    from zpoints.shards.store import Shards

    with whole_folder(out or Path("data/features"), "features") as folder:
        write_reference(Shards.open(shards), Onet(loaded[Features].face), loaded[Evaluation], folder)


if __name__ == "__main__":
    run(features)
