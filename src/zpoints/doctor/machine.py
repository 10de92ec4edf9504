"""Memory, TensorFlow and the GPUs it sees."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from zpoints.doctor.finding import Finding, size

CGROUP = Path("/sys/fs/cgroup")
DRIVER = Path("/proc/driver/nvidia/version")
# Resident: training at 96 x 96 pixels, batch 128; and the most that any stage takes at 202,599 images.
TRAINING_BYTES, MOST_BYTES = int(1.5e9), int(3e9)
TIMEOUT = 300  # seconds; TensorFlow from a cold, slow disk included
# In a process of its own, since a TensorFlow built for another processor ends its process without an exception.
PROBE = """
import json, tensorflow as tf
from zpoints.models.layers.precision import resolve
details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
gpus = [detail.get("device_name", "GPU") for detail in details]
print(json.dumps({"tensorflow": tf.__version__, "gpus": gpus, "auto": resolve("auto")}))
"""


def check_memory() -> Finding:
    """Available memory, a container's limit included, against what the stages take."""
    memory, limit = psutil.virtual_memory(), _container_memory()
    total, available = memory.total, memory.available
    if limit and limit[0] < total:
        total, available = limit[0], min(available, limit[1])
    numbers = {"total_bytes": total, "available_bytes": available}
    text = f"{size(available)} of {size(total)} available, "
    if available < TRAINING_BYTES:
        text += f"training takes {size(TRAINING_BYTES)} at 96 x 96 pixels"
        return Finding("memory", "problem", text, "close other programs, or lower training.batch_size", numbers)
    text += f"no stage takes more than {size(MOST_BYTES)}"
    return Finding("memory", "note" if available < MOST_BYTES else "OK", text, "", numbers)


def _container_memory() -> tuple[int, int] | None:
    """Limit and available bytes of the control group at the top, as a container sees its own; None without a limit."""
    try:
        limit, used = (int((CGROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or "max"
        return None
    # Pages of files are given up on demand.
    return limit, max(0, limit - used + int(stat.get("inactive_file", 0)))


def check_tensorflow(code: str = PROBE, timeout: float = TIMEOUT) -> list[Finding]:
    """Whether TensorFlow starts, what `precision: auto` would be, and whether it uses the GPUs that are there."""
    try:
        process = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, errors="replace", timeout=timeout
        )
        answer = json.loads((process.stdout.splitlines() or [""])[-1])
    except subprocess.TimeoutExpired:
        return [_failed(f"no answer for {timeout:.0f} s")]
    except ValueError:
        if process.returncode < 0:
            return [_failed(f"its process was ended by {signal.Signals(-process.returncode).name}")]
        return [_failed((process.stderr.strip().splitlines() or ["no answer"])[-1][:300])]
    text = f"{answer['tensorflow']}; precision auto would be {answer['auto']}"
    found, gpus = Finding("TensorFlow", "OK", text), {"gpus": answer["gpus"]}
    if not answer["gpus"] and DRIVER.exists():
        text = "TensorFlow sees none, though there is an NVIDIA driver"
        return [found, Finding("GPUs", "note", text, "pip install -c constraints.txt -e '.[gpu]'", gpus)]
    return [found, Finding("GPUs", "OK", ", ".join(answer["gpus"]) or "none, training uses the CPU", "", gpus)]


def _failed(reason: str) -> Finding:
    text = f"expected to start, received: {reason}"
    return Finding("TensorFlow", "problem", text, "its wheels need a 64-bit processor with AVX")
