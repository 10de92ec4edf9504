"""Contenders in processes of their own, so that one library's threads and memory are no other's, and rounds in turn.

The benchmark's side is `Contender`; the contender's side is `serve`. They exchange lines of JSON: the contender tells
about itself once it is ready (compiled, warm), then answers each line "run k" with the seconds that k steps took. It
sleeps in between, so that one process computes at a time.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
QUIET = 0.05  # cores that other processes may keep busy before the figures are marked
PAUSE = 0.3  # seconds before each run: the threads of the contender before it spin for a while when out of work


class Contender:
    """A module of benchmarks/ run in its own process with the options given; `error` says why it is out, if it is."""

    def __init__(self, name: str, module: str, python: str = sys.executable, **options: object) -> None:
        self.name, self.error, self.ready = name, "", {}
        self.seconds: list[float] = []  # of one step, an item a round
        self.peak_bytes: int | None = None  # of resident memory, after its last round
        self.cpu_seconds: list[float] = []  # of one step, of all its threads, an item a round
        self.others: list[float] = []  # cores that other processes kept busy meanwhile, an item a round
        paths = [str(FOLDER.parent / "src"), os.environ.get("PYTHONPATH", "")]
        words = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: subprocess.Popen[str] | None = None
        try:
            self._process = subprocess.Popen(
                [python, "-m", module, *words],
                cwd=FOLDER,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "TF_CPP_MIN_LOG_LEVEL": "3"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
                text=True,
            )
            self.ready = self._answer()
        except OSError as error:
            self.error = f"{python}: {error.strerror}"

    def run(self, steps: int) -> None:
        """One round of `steps` steps."""
        if self.error or not self._process or not self._process.stdin:
            return
        time.sleep(PAUSE)
        try:
            self._process.stdin.write(f"run {steps}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer tells
        answer = self._answer()
        if not self.error:
            self.seconds.append(answer["seconds"] / steps)
            self.cpu_seconds.append(answer["cpu_seconds"] / steps)
            self.others.append(answer["others"])
            self.peak_bytes = answer["peak_bytes"]

    def _answer(self) -> dict[str, Any]:
        assert self._process and self._process.stdout
        if line := self._process.stdout.readline():
            answer = json.loads(line)
            self.error = answer.get("error", "")
            return answer
        self._printed.seek(0)
        last = self._printed.read().decode(errors="replace").strip().rpartition("\n")[2]
        self.error = f"ended with code {self._process.wait()}: {last}"
        return {}

    @property
    def median(self) -> float:
        """Seconds of a step, the median of the rounds."""
        return statistics.median(self.seconds)

    def end(self) -> None:
        if self._process and self._process.stdin:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()  # type: ignore[union-attr]
        self._printed.close()


def in_turn(contenders: list[Contender], rounds: int, steps: int) -> None:
    """Rounds of all contenders one after the other; each round begins with another one."""
    for number in range(rounds):
        first = number % len(contenders)
        for contender in contenders[first:] + contenders[:first]:
            contender.run(steps)


def serve(prepare: Callable[[], tuple[dict[str, Any], Callable[[], object]]]) -> None:
    """The contender's side: `prepare` returns what it tells about itself, and a step, which ends when its work has."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers

    def tell(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    try:
        ready, step = prepare()
        tell(ready)
        for line in sys.stdin:
            start, busy, own = time.perf_counter(), busy_seconds(), time.process_time()
            for _ in range(int(line.split()[1])):
                step()
            seconds, own = time.perf_counter() - start, time.process_time() - own
            others = max(0.0, busy_seconds() - busy - own) / seconds
            tell({"seconds": seconds, "cpu_seconds": own, "others": others, "peak_bytes": peak_bytes()})
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
        reason = lines[-1] if lines[0].endswith(":") else lines[0]  # TensorFlow's begin "in user code:"
        tell({"error": f"{type(error).__name__}: {reason}"[:300]})


def peak_bytes() -> int | None:
    """Largest resident memory of this process so far; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def busy_seconds() -> float:
    """CPU time that all processes of this machine have used since its start; 0 where /proc does not tell."""
    try:
        user, nice, system, _idle, _wait, interrupts, soft, stolen = Path("/proc/stat").read_text().split()[1:9]
    except (OSError, ValueError):
        return 0.0
    return sum(map(int, (user, nice, system, interrupts, soft, stolen))) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """The processor's name and the number of cores that this process may use."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        flags = next(line for line in lines if line.startswith("flags")).split()
        wide = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
        name += f" ({' '.join(wide)})"
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores"
