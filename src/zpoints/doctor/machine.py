"""Memory, TensorFlow and the GPUs it sees."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from zpoints.doctor.finding import Finding, size

CGROUP = Path("/sys/fs/cgroup")
DRIVER = Path("/proc/driver/nvidia/version")
# Resident: training at 96 x 96 pixels, batch 128; and the most that any stage takes at 202,599 images.
TRAINING_BYTES, MOST_BYTES = int(1.5e9), int(3e9)
PROBE = (sys.executable, "-m", "zpoints.doctor.probe")
TIMEOUT = 300  # seconds; TensorFlow from a cold, slow disk included


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


def probe(params: Path | None, command: tuple[str, ...] = PROBE, timeout: float = TIMEOUT) -> dict[str, Any]:
    """The probe's answer, or {"error": why there is none}; weights are counted for `params`, if given."""
    words = [*command, *([str(params)] if params else [])]
    try:
        process = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=timeout)
        if process.returncode < 0:
            return {"error": f"its process was ended by {signal.Signals(-process.returncode).name}"}
        return json.loads(process.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"error": " ".join(str(error).split())}
    except (ValueError, IndexError):
        return {"error": (process.stderr.strip().splitlines() or ["no answer"])[-1][:300]}


def check_tensorflow(answer: dict[str, Any]) -> list[Finding]:
    """Whether TensorFlow starts, what `precision: auto` would be, and whether it uses the GPUs that are there."""
    if "error" in answer:
        text = f"expected to start, received: {answer['error']}"
        return [Finding("TensorFlow", "problem", text, "its wheels need a 64-bit processor with AVX", answer)]
    numbers = {key: answer[key] for key in ("tensorflow", "auto")}
    text = f"{answer['tensorflow']}; precision auto would be {answer['auto']}"
    tensorflow = Finding("TensorFlow", "OK", text, "", numbers)
    gpus = {"gpus": answer["gpus"]}
    if not answer["gpus"] and DRIVER.exists():
        text = "TensorFlow sees none, though there is an NVIDIA driver"
        return [tensorflow, Finding("GPUs", "note", text, "pip install -c constraints.txt -e '.[gpu]'", gpus)]
    return [tensorflow, Finding("GPUs", "OK", ", ".join(answer["gpus"]) or "none, training uses the CPU", "", gpus)]
