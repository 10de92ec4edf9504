"""What TensorFlow is and sees here, as one line of JSON: `python -m zpoints.doctor.probe`.

In a process of its own, since a build for another processor ends its process without an exception.
"""

import json
import os
from typing import Any

# The features that decide which kernels and which precision the project uses, and those that wheels are built for.
FEATURES = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16")


def probe() -> dict[str, Any]:
    """Versions, build, features of the processor, GPUs, and what `precision: auto` is."""
    import keras
    import tensorflow as tf

    from zpoints.models.layers.precision import resolve
    from zpoints.models.layers.cpu_features import cpu_features, has_bfloat16_units

    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    build = tf.sysconfig.get_build_info()
    return {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "cuda": build.get("cuda_version") if build.get("is_cuda_build") else None,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1") != "0",
        "features": [name for name in FEATURES if name in cpu_features()],
        "gpus": [str(gpu.get("device_name", "GPU")) for gpu in gpus],
        "auto": resolve("auto"),
        "bfloat16_units": has_bfloat16_units(),
    }


if __name__ == "__main__":
    print(json.dumps(probe()))
