"""What the stage writes, without a browser."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

from tests.explorer.conftest import IMAGES, Z_DIM
from tests.lab import make_shards
from zpoints.config.explorer import Explorer
from zpoints.errors import UserError
from zpoints.explorer import export, page
from zpoints.explorer.chunks import Chunks
from zpoints.explorer.page import WEB, sources_digest
from zpoints.shards.store import Shards


def content(folder, name):
    """The bytes of a chunk, as a browser reads them."""
    text = (folder / f"{name.replace('/', '-')}.js").read_text()
    called, packed = json.loads(f"[{re.fullmatch(r'zpointsChunk[(](.*)[)];', text.strip())[1]}]")
    assert called == name
    return gzip.decompress(base64.b64decode(packed))


def test_bundle_is_made_from_these_sources():
    """If this fails: npm ci && npm run build in src/zpoints/explorer/web, and commit bundle/."""
    assert (WEB / "bundle" / "sources.sha256").read_text().strip() == sources_digest()


def test_chunk_gives_back_its_array(tmp_path):
    values = np.arange(12, dtype=np.float32).reshape(3, 4).T
    chunks = Chunks(tmp_path)
    chunks.add_array("ae/points_0", values)
    assert chunks.index["ae/points_0"] == {"file": "ae-points_0.js", "dtype": "float32", "shape": [4, 3]}
    np.testing.assert_array_equal(np.frombuffer(content(tmp_path, "ae/points_0"), "<f4").reshape(4, 3), values)


def test_chunk_of_not_a_number_is_refused(tmp_path):
    with pytest.raises(ValueError):
        Chunks(tmp_path).add_json("run", {"value": float("nan")})


def test_missing_extra_is_one_line(monkeypatch):
    monkeypatch.setattr(export, "PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(UserError, match=r"extra `explorer`.*received an environment without no_such_package"):
        export.refuse_missing_extra()


COPIES = [
    ("toy", "toy", True),
    ("toy", "celeba", False),
    ("toy", "folder", False),
    ("all", "celeba", True),
    ("none", "toy", False),
]


@pytest.mark.parametrize(("originals", "source", "copied"), COPIES)
def test_photographs_are_copied_only_if_asked(tmp_path, originals, source, copied):
    index = make_shards(tmp_path) / "index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"source": source}))
    assert page._may_copy(Explorer(originals=originals), Shards.open(tmp_path)) is copied


@pytest.mark.slow
def test_quantized_points_are_within_half_a_step(small_run):
    data = small_run.page / "data"
    for name in ("ae", "vae"):
        low, step = (np.frombuffer(content(data, f"{name}/{part}"), "<f4") for part in ("low", "step"))
        points = np.frombuffer(content(data, f"{name}/points_0"), "<u2").reshape(IMAGES, Z_DIM)
        assert (np.abs(low + step * points - small_run.mu(name)) <= 0.51 * step).all()


@pytest.mark.slow
def test_errors_are_those_of_the_decoded_images(small_run):
    found = np.frombuffer(content(small_run.page / "data", "vae/error"), "<f4")
    decoded = small_run.trained("vae").decode(small_run.mu("vae")).astype(float)
    images = Shards.open(small_run.shards).read(np.arange(IMAGES))
    np.testing.assert_allclose(found, np.sqrt(((decoded - images) ** 2).mean(axis=(1, 2, 3))), rtol=1e-5)


@pytest.mark.slow
def test_images_belong_to_the_nearest_center(small_run):
    found = np.frombuffer(content(small_run.page / "data", "ae/cluster"), "<u2")
    centers = np.load(small_run.measurements / "ae" / "clusters" / "centers.npy")
    distances = np.linalg.norm(small_run.mu("ae")[:, None] - centers, axis=2)
    np.testing.assert_array_equal(found, distances.argmin(axis=1))
    assert not (small_run.page / "data" / "vae-cluster.js").exists()  # nothing was measured


@pytest.mark.slow
def test_exported_networks_agree_with_keras(small_run):
    onnx = pytest.importorskip("onnx.reference")
    z = small_run.mu("vae")[:8]
    network = onnx.ReferenceEvaluator(content(small_run.page / "data", "vae/decoder"))
    (images,) = network.run(None, {network.input_names[0]: z})
    assert np.abs(255 * images - small_run.trained("vae").decode(z)).max() < 1


@pytest.mark.slow
def test_same_run_gives_the_same_bytes(small_run, tmp_path):
    from zpoints.config.samplers import Samplers

    folders = (small_run.latents, small_run.models, small_run.measurements)
    page.write_explorer(
        tmp_path, ("ae", "vae"), Shards.open(small_run.shards), *folders, Explorer(bits=16), Samplers(mixture=2)
    )
    for path in sorted(small_run.page.rglob("*.js")):
        assert path.read_bytes() == (tmp_path / path.relative_to(small_run.page)).read_bytes(), path.name
