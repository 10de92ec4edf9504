"""TensorFlow's version, GPUs and the models' weights as one line of JSON: `python -m zpoints.doctor.probe [PARAMS]`.

It runs in a process of its own, since a TensorFlow built for another processor ends its process without an exception.
"""

import json
import sys
from pathlib import Path
from typing import Any


def probe(params: Path | None) -> dict[str, Any]:
    """weights: encoder and decoder of each model in `params`, counted on the networks themselves."""
    import tensorflow as tf

    from zpoints.config.images import Images
    from zpoints.config.models import ExternalEntry, Models
    from zpoints.config.reader import read
    from zpoints.models.layers.precision import resolve
    from zpoints.models.networks import build_decoder, build_encoder

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
    tf.config.set_visible_devices([], "GPU")  # a training may hold their memory
    weights = {}
    if params:
        loaded = read(params)
        models, edge = loaded[Models], loaded[Images].size
        for name in models:
            entry = models[name]
            if not isinstance(entry, ExternalEntry):
                weights[name] = sum(build(entry, edge, 0).count_params() for build in (build_encoder, build_decoder))
    return {"tensorflow": tf.__version__, "gpus": names, "auto": resolve("auto"), "weights": weights}


if __name__ == "__main__":
    print(json.dumps(probe(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
