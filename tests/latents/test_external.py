"""A model of another program: its arrays become latents, checked against the images."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages.encode import encode
from stages.measure import measure
from stages.train import train
from tests.lab import make_shards
from zpoints.config.models import ExternalEntry
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement

ROOT = Path(__file__).resolve().parents[2]
MU = np.random.default_rng(0).standard_normal((40, 3))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A working directory with shards, mu.npy, and a params file with an external model beside another one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/shards").mkdir(parents=True)
    make_shards(tmp_path / "data/shards", images=40)
    np.save("mu.npy", MU)
    text = (ROOT / "params.yaml").read_text()
    entry = "  outside:   {kind: external, latents: mu.npy, z_dim: 3}\n"
    Path("params.yaml").write_text(text.replace("models:  ", f"models:\n{entry}#").replace("size: 64", "size: 16"))
    return tmp_path


def test_arrays_become_latents_with_the_split_of_the_images(project):
    train("outside")
    encode("outside")
    found = Latents.open(Path("data/latents/outside"))
    np.testing.assert_array_equal(found.mu, MU.astype(np.float32))
    assert found.logvar is None and len(found.rows("held_out")) == 14
    assert "sha256" in json.loads(Path("data/models/outside/model.json").read_text())
    assert (
        Measurement.read(Path("data/measurements/outside/training")).reason == "an external model is not trained here"
    )


def test_logvar_makes_it_variational(project):
    np.save("logvar.npy", np.full_like(MU, -2))
    entry = "{kind: external, latents: mu.npy, logvar: logvar.npy, z_dim: 3}"
    train("outside", set_param=[f"models.outside={entry}"], out=Path("model"))
    encode("outside", trained=Path("model"), set_param=[f"models.outside={entry}"], out=Path("encoded"))
    found = Latents.open(Path("encoded"))
    assert found.kind == "vae" and 0.1 < np.std(found.z - found.mu) < 0.6


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (MU[:39], r"mu.npy: expected shape \(40, 3\), a row for each image .*, received \(39, 3\)"),
        (MU[:, :2], r"expected shape \(40, 3\)"),
        (np.where(MU > 2, np.nan, MU), "mu.npy: .*finite"),
        (MU.astype(int), "mu.npy: expected floating"),
    ],
)
def test_arrays_that_do_not_fit_are_one_line(project, array, message):
    np.save("mu.npy", array)
    train("outside")
    with pytest.raises(UserError, match=message) as raised:
        encode("outside")
    assert "\n" not in str(raised.value)
    assert not Path("data/latents/outside").exists()


def test_arrays_that_changed_are_refused(project):
    train("outside")
    np.save("mu.npy", MU + 1)
    with pytest.raises(UserError, match="run `dvc repro --force train@outside`"):
        encode("outside")


def test_a_missing_array_is_named(project):
    Path("mu.npy").unlink()
    with pytest.raises(UserError, match=r"mu.npy: expected mu of an external model"):
        train("outside")


def test_questions_that_need_a_decoder_say_so(project):
    train("outside")
    encode("outside")
    measure("components", "outside")
    assert Measurement.read(Path("data/measurements/outside/components")).numbers["axes"] == 3
    measure("curvature", "outside")
    reason = Measurement.read(Path("data/measurements/outside/curvature")).reason
    assert reason == "needs a decoder, has none: an external model"


def test_latents_in_memory_are_read_as_written(tmp_path):
    latents = Latents.of(MU, np.full_like(MU, -2), split=np.arange(40) % 2, model="other")
    latents.write(tmp_path)
    found = Latents.open(tmp_path)
    assert (found.kind, found.model) == ("vae", "other")
    for name in ("mu", "logvar", "z", "split"):
        np.testing.assert_array_equal(getattr(found, name), getattr(latents, name))


def test_an_entry_without_z_dim_is_refused():
    with pytest.raises(ValueError, match="z_dim"):
        ExternalEntry.model_validate({"kind": "external", "latents": "mu.npy"})
