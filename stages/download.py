"""Bring the images and labels into data/raw: toy faces are drawn, others copied or fetched, as data.source says."""

import os
from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.config.data import Data


def download(params: ParamsFile = PARAMS, set_param: SetParam = None, out: Out = None) -> None:
    """Bring the images and labels into data/raw, in CelebA's own layout.

    Example: python -m stages.download --out /tmp/raw -S data.toy.images=100
    """
    from zpoints.artifacts import whole_folder, write_json
    from zpoints.datasets.sources import Store, bring, describe

    data = parameters(params, set_param, out, "download")[Data]
    store = Store(Path(os.environ.get("DVC_ROOT", "."), ".resume", "download"), data)
    with whole_folder(out or Path("data/raw"), "download") as folder:
        facts = bring(data, store.folder, folder)
        write_json(folder / "source.json", facts)
    store.remove()
    print(f"download: {describe(facts)}")


if __name__ == "__main__":
    run(download)
