"""What the processors at hand are good at; kernels and `precision: auto` are chosen by it, never by timing."""

import functools
import platform
from pathlib import Path

import tensorflow as tf

CPUINFO = Path("/proc/cpuinfo")


@functools.lru_cache(maxsize=1)
def cpu_features() -> frozenset[str]:
    """The flags of the first CPU as Linux names them, such as avx512_bf16; empty where there is no /proc/cpuinfo."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return frozenset()
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def on_gpu() -> bool:
    """Whether TensorFlow sees a GPU, which then computes everything."""
    return bool(tf.config.list_physical_devices("GPU"))


def has_bfloat16_units() -> bool:
    """Whether bfloat16 is multiplied in hardware: by CPUs with AVX512_BF16 or AMX, GPUs of compute capability 8."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = (tf.config.experimental.get_device_details(gpu) for gpu in gpus)
        return all(detail.get("compute_capability", (0, 0)) >= (8, 0) for detail in details)
    return bool(cpu_features() & {"avx512_bf16", "amx_bf16"})
