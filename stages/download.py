"""Bring the images and labels into data/raw: toy faces are drawn, CelebA is copied from a local archive or folder."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.params.data import Data


def download(params: ParamsFile = PARAMS, set_param: SetParam = None, out: Out = None) -> None:
    """Bring the images and labels into data/raw, in CelebA's own layout."""
    from zpoints.faces.celeba import collect_celeba
    from zpoints.faces.toy.write import write_toy_faces
    from zpoints.outs import whole_folder, write_json

    data = parameters(params, set_param, out)[Data]
    with whole_folder(out or Path("data/raw")) as folder:
        if data.source == "toy":
            write_toy_faces(folder, data.toy.images, data.toy.seed)
            provenance = {"source": "toy", **data.toy.model_dump()}
        else:
            provenance = collect_celeba(Path(data.archive), folder)
        write_json(folder / "source.json", provenance)


if __name__ == "__main__":
    run(download)
