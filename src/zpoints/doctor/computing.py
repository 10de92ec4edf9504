"""TensorFlow, the GPUs it sees, and the precision that `auto` would choose: asked in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from zpoints.doctor.report import Finding
from zpoints.config.models import Models
from zpoints.config.training import Training

SECONDS = 300  # a cold start from a slow disk included
COMMAND = (sys.executable, "-m", "zpoints.doctor.probe")


def ask(command: tuple[str, ...] = COMMAND, seconds: float = SECONDS) -> dict[str, Any]:
    """The probe's answer, with `absent`: instructions its build lacks; or {"error": why there is none}."""
    # As stages._tensorflow sets it; the runtime tells what its build lacks in a message of the lowest level.
    environment = {"TF_ENABLE_ONEDNN_OPTS": "1", **os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environment, timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"error": " ".join(str(error).split())}
    if done.returncode < 0:
        return {"error": f"its process was ended by {signal.Signals(-done.returncode).name}"}
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": (done.stderr.strip().splitlines() or ["no answer"])[-1][:300]}
    lacks = re.search(r"following instructions: ([A-Z0-9_. ]+), in other operations", done.stderr)
    return {**answer, "absent": lacks[1].split() if lacks else []}


def computing(answer: dict[str, Any], asked: set[str], root: Path = Path("/")) -> list[Finding]:
    """Lines on TensorFlow, GPUs and precision. asked: each `precision` in params.yaml."""
    if "error" in answer:
        text = f"expected to start, received: {answer['error']}"
        return [Finding("TensorFlow", "problem", text + _old_processor(root), answer)]
    return [_build(answer), _gpus(answer, root), _precision(answer, asked)]


def precisions(training: Training, models: Models) -> set[str]:
    """`precision` of every model."""
    return {models[name].training(training).precision for name in models}


def _build(answer: dict[str, Any]) -> Finding:
    build = f"CUDA {answer['cuda']}" if answer["cuda"] else "CPU"
    text = f"{answer['tensorflow']}, Keras {answer['keras']}, built for {build}"
    if answer["absent"]:
        text += f"; compiled without {' '.join(answer['absent'])}"
    numbers = {key: answer[key] for key in ("tensorflow", "keras", "cuda", "onednn", "absent")}
    if not answer["onednn"]:
        return Finding("TensorFlow", "note", f"{text}; oneDNN is switched off by TF_ENABLE_ONEDNN_OPTS=0", numbers)
    return Finding("TensorFlow", "OK", f"{text}; oneDNN uses what this processor has all the same", numbers)


def _gpus(answer: dict[str, Any], root: Path) -> Finding:
    numbers = {"gpus": answer["gpus"]}
    if answer["gpus"]:
        return Finding("GPUs", "OK", ", ".join(answer["gpus"]), numbers)
    if (root / "proc/driver/nvidia/version").exists():
        text = "there is an NVIDIA driver, but TensorFlow sees no GPU: pip install -c constraints.txt -e '.[gpu]'"
        return Finding("GPUs", "note", text, numbers)
    return Finding("GPUs", "OK", "TensorFlow sees none: the processor computes", numbers)


def _precision(answer: dict[str, Any], asked: set[str]) -> Finding:
    has = answer["bfloat16_units"]
    names = {"avx512_bf16": "AVX512_BF16", "amx_bf16": "AMX"}
    units = [f"{name} {'yes' if flag in answer['features'] else 'no'}" for flag, name in names.items()]
    told = f"{', '.join(units)}; auto would choose {answer['auto']}"
    if asked:
        told += f", params.yaml says {' and '.join(sorted(asked))}"
    numbers = {key: answer[key] for key in ("features", "bfloat16_units", "auto")} | {"asked": sorted(asked)}
    if "bfloat16" in asked and not has:
        return Finding("precision", "note", f"{told}: bfloat16 is slow where it is not multiplied in hardware", numbers)
    return Finding("precision", "OK", told, numbers)


def _old_processor(root: Path) -> str:
    """A remark where an x86 processor lacks AVX, which TensorFlow's wheels are built for."""
    try:
        text = (root / "proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return ""
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    lacks = flags is not None and "avx" not in flags[1].split()
    return "; TensorFlow's wheels need a processor with AVX, this one has none" if lacks else ""
