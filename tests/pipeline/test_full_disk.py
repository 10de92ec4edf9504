"""Every stage on a full disk, and with an out that cannot be written: a line that names the out, and nothing left."""

import json
import os
import re
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stages import _command
from tests.contract.lab import ROOT, SMALL, Lab
from tests.contract.test_report import DATA
from tests.datasets_support import write_raw
from zpoints.analyses import discovery
from zpoints.report.comparison import write_comparison
from zpoints.report.results import Run

pytestmark = pytest.mark.slow
MEASURES = [f"measure {name}" for name in ("radius", "curvature", "samples", "edits", "similarity")]  # one of a group
STAGES = ["download", "prepare", "train", "encode", "features", *MEASURES, "compare", "report"]
STAGES += ["gather", "explore"]
# Room for a marker and nothing else; where no disk can be mounted, what a file may hold.
ROOM, LIMIT = 4096, 1024
QUICK = ["analyses.gaussianity.n_nulls=4", "analyses.gaussianity.alpha=0.2", "analyses.gaussianity.n_repeats=2"]
QUICK += ["analyses.clusters.k=[2, 3, 4]"]


@pytest.fixture(scope="module")
def lab(built_lab: Lab, tmp_path_factory) -> Path:
    """A folder laid out as data/, in which all is there that any stage reads."""
    folder = tmp_path_factory.mktemp("full") / "lab"
    laboratory = built_lab.copy(folder)
    measurements = folder / "measurements"
    laboratory.write_reasons()
    laboratory.measure("attributes", "vae")  # of its directions, edits are made
    write_raw(folder / "raw", 30)
    (measurements / "prepare.json").write_text(json.dumps(DATA))
    (folder / "comparison").mkdir()
    write_comparison(Run(laboratory.params, measurements), folder / "comparison")
    return folder


def mounted(place: Path, options: str) -> bool:
    """Whether a small disk of its own could be mounted: it takes rights that not everyone has."""
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
    return os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder with too little room for any out."""
    place = tmp_path / "place"
    place.mkdir()
    if mounted(place, f"size={ROOM}"):
        yield place
        subprocess.run(["umount", str(place)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    yield place
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be written."""
    place = tmp_path / "place"
    place.mkdir()
    if mounted(place, "ro"):
        yield place
        subprocess.run(["umount", str(place)], check=True)
        return
    if os.geteuid() == 0:
        pytest.skip("this system does not let root mount a disk")
    place.chmod(0o555)
    yield place
    place.chmod(0o755)


def run(stage: str, lab: Path, out: Path) -> None:
    """A stage on the laboratory, its errors as its command prints them."""
    changed = [*SMALL, *QUICK]
    given: dict = {"params": ROOT / "params.yaml", "set_param": changed, "out": out}
    name, _, analysis = stage.partition(" ")
    if name == "download":
        changed += ["data.toy.images=40", "split.train=20"]
    elif name == "prepare":
        changed += ["split.train=0.5"]
        given |= {"raw": lab / "raw"}
    elif name == "train":
        changed += ["training.epochs=1"]
        given |= {"model": "vae", "shards": lab / "shards", "seed": None, "from_epoch": None, "trained": None}
    elif name == "encode":
        given |= {"model": "vae", "shards": lab / "shards", "trained": lab / "models" / "vae"}
    elif name == "features":
        given |= {"shards": lab / "shards"}
    elif name == "measure":
        pairs = discovery.config_class(analysis).group == "pair_analyses"
        given |= {"analysis": analysis, "model": None if pairs else "vae"}
        given |= {kind: lab / kind for kind in ("shards", "latents", "models", "features", "measurements")}
    elif name == "explore":
        given |= {kind: lab / kind for kind in ("shards", "latents")}
        given |= {"trained": lab / "models", "gathered": lab / "measurements"}
    else:
        given |= {"measurements": lab / "measurements"}
        given |= {"comparison": lab / "comparison"} if name == "report" else {}
    function: Callable[..., None] = getattr(__import__(f"stages.{name}", fromlist=[name]), name)
    with _command.errors_in_a_line():
        function(**given)


def outs(stage: str, out: Path) -> set[str]:
    """The outs of a stage below `out`."""
    names = {"compare": ("comparison", "metrics"), "report": ("figures", "report"), "train": ("", "training")}
    return {str(out / name) for name in names.get(stage, ("",))}


def error_line(capfd: pytest.CaptureFixture[str]) -> str:
    """The one line of an error; others tell of progress."""
    (line,) = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    return line


@pytest.mark.parametrize("stage", STAGES)
def test_full_disk_is_one_line(stage, lab, full, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        run(stage, lab, full / "out")
    assert ended.value.code == 1
    line = error_line(capfd)
    room = r"expected room for (more than )?[0-9.]+ (bytes|[kMG]B), received.*[ (][0-9.]+ \w+ free"
    assert re.search(room, line), line
    named = line.removeprefix("error: ").partition(": ")[0]
    # Without a disk of its own, the limit holds for the checkpoints too, which are written first.
    assert named in outs(stage, full / "out") or (stage == "train" and named.startswith(f"{tmp_path}/.resume/"))
    assert not [path for path in full.rglob("*") if path.name != "out" or any(path.iterdir())]


@pytest.mark.parametrize("stage", STAGES)
def test_read_only_folder_is_refused_at_once(stage, lab, read_only, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "absent"))
    with pytest.raises(SystemExit) as ended:
        run(stage, lab, read_only / "out")
    assert ended.value.code == 1
    assert "cannot be written to" in error_line(capfd)
    assert not list(read_only.iterdir()) and not (tmp_path / "absent").exists()


def test_full_disk_of_checkpoints_is_one_line(lab, full, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("DVC_ROOT", str(full))
    with pytest.raises(SystemExit) as ended:
        run("train", lab, tmp_path / "out")
    assert ended.value.code == 1
    assert re.search(rf"{full}/\.resume/.*: expected room for more than .* free\)", error_line(capfd))
    assert not [path for path in full.rglob("*") if ".partial-" in path.name] and not (tmp_path / "out").exists()
