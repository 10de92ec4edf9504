"""What the stage writes, without a browser."""

import gzip
import json
import re
import webbrowser
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from stages.explore import explore
from tests.explorer.conftest import IMAGES, SIZE, Z_DIM
from tests.lab import AE, VAE, make_shards
from zpoints.config.explorer import Explorer
from zpoints.errors import UserError
from zpoints.explorer import export, page, picture
from zpoints.explorer.chunks import FIRST, Chunks, as_text
from zpoints.explorer.page import WEB, sources_digest
from zpoints.explorer.space import Rounding
from zpoints.shards.store import Shards


def content(folder, name):
    """The bytes of a chunk, as a browser reads them."""
    text = (folder / f"{name.replace('/', '-')}.js").read_bytes().decode("utf-16")
    called, length, packed = json.loads(f"[{re.fullmatch(r'zpointsChunk[(](.*)[)];', text.strip())[1]}]")
    assert called == name
    bits = "".join(f"{ord(character) - FIRST:015b}" for character in packed)
    return gzip.decompress(int(bits[: 8 * length], 2).to_bytes(length))


def test_bundle_is_made_from_these_sources():
    """If this fails: npm ci && npm run build in src/zpoints/explorer/web, and commit bundle/."""
    assert (WEB / "bundle" / "sources.sha256").read_text().strip() == sources_digest()


def test_chunk_gives_back_its_array(tmp_path):
    values = np.arange(12, dtype=np.float32).reshape(3, 4).T
    chunks = Chunks(tmp_path)
    chunks.add_array("ae/points_0", values)
    assert chunks.index["ae/points_0"] == {"file": "ae-points_0.js", "dtype": "float32", "shape": [4, 3]}
    np.testing.assert_array_equal(np.frombuffer(content(tmp_path, "ae/points_0"), "<f4").reshape(4, 3), values)


@pytest.mark.parametrize("length", [0, 1, 14, 15, 16, 1000])
def test_bytes_are_text_that_no_script_has_to_escape(length):
    content = np.random.default_rng(length).bytes(length)
    text = as_text(content)
    assert json.dumps(text, ensure_ascii=False) == f'"{text}"' and len(text) == -(-8 * length // 15)
    bits = "".join(f"{ord(character) - FIRST:015b}" for character in text)
    assert bytes(int(bits[at : at + 8], 2) for at in range(0, 8 * length, 8)) == content


def test_rounded_numbers_are_within_half_a_step(tmp_path):
    values = np.random.default_rng(0).standard_normal(500).astype(np.float32)
    chunks = Chunks(tmp_path)
    chunks.add_rounded("ae/radius", values)
    chunks.add_rounded("ae/constant", np.full(3, 7, np.float32))
    entry = chunks.index["ae/radius"]
    found = entry["low"] + entry["step"] * np.frombuffer(content(tmp_path, "ae/radius"), "<u2")
    assert np.abs(found - values).max() <= 0.51 * np.ptp(values) / 65535
    assert not np.frombuffer(content(tmp_path, "ae/constant"), "<u2").any()
    assert chunks.index["ae/constant"]["low"] == 7


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
    entry = json.loads(content(small_run.page / "data", "run"))["chunks"]["vae/error"]
    found = entry["low"] + entry["step"] * np.frombuffer(content(small_run.page / "data", "vae/error"), "<u2")
    decoded = small_run.trained("vae").decode(small_run.mu("vae")).astype(float)
    images = Shards.open(small_run.shards).read(np.arange(IMAGES))
    np.testing.assert_allclose(found, np.sqrt(((decoded - images) ** 2).mean(axis=(1, 2, 3))), atol=entry["step"])


@pytest.mark.slow
@pytest.mark.parametrize("bits", [8, 16])
def test_effect_of_rounding_is_that_on_decoded_images(small_run, bits):
    trained, mu = small_run.trained("ae"), small_run.mu("ae")
    points = trained.latents(small_run.latents / "ae")
    low, step = mu.min(axis=0), np.ptp(mu, axis=0) / (2**bits - 1)
    rounded = (low + step * np.rint((mu - low) / step)).astype(np.float32)
    expected = np.abs(trained.decode(mu).astype(float) - trained.decode(rounded)).mean()
    found = page._rounding_error(trained, points, Rounding.of(points, bits))
    assert found == pytest.approx(expected, rel=0.05, abs=1e-3)
    assert (found > 0.05) == (bits == 8)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "images"), [("ae", 20), ("vae", IMAGES)])
def test_picture_shows_the_map_and_decoded_faces(small_run, tmp_path, model, images, monkeypatch):
    drawn = []
    monkeypatch.setattr(picture, "_draw", lambda *args: drawn.append(args) or Figure())
    folders = (small_run.latents, small_run.models, small_run.measurements)
    entry = {"ae": AE, "vae": VAE}[model]
    picture.write_picture(tmp_path / "a.png", model, entry, SIZE, *folders)
    places, radii, chosen, faces = drawn[0]
    rows = np.arange(0, 40, 2) if model == "ae" else np.arange(IMAGES)  # with and without a t-SNE map
    assert len(places) == len(radii) == images and len(set(chosen)) == len(faces) == picture.FACES
    decoded = small_run.trained(model).decode(small_run.mu(model)[rows[chosen]])
    np.testing.assert_array_equal(faces, decoded)
    monkeypatch.undo()
    written = [tmp_path / "b.png", tmp_path / "c.png"]
    for path in written:
        picture.write_picture(path, model, entry, SIZE, *folders)
    assert written[0].read_bytes() == written[1].read_bytes()


def test_faces_of_the_picture_are_far_apart():
    x, y = np.meshgrid(np.arange(20.0), np.arange(20.0))
    places = np.append(np.stack([x.ravel(), y.ravel()], axis=1), [[900, 900]], axis=0)
    chosen = places[picture.far_apart(places, 9)]
    distances = np.linalg.norm(chosen[:, None] - chosen, axis=2)[~np.eye(9, dtype=bool)]
    assert chosen.max() < 20 and distances.min() > 5


def test_factors_as_large_as_float32_keep_their_order(tmp_path):
    factors = np.array([[-3e38], [0], [3e38]], np.float32)
    labels = SimpleNamespace(attributes=None, factors=factors, factor_names=("f",), attribute_names=())
    page._write_labels(labels, SimpleNamespace(ids=np.array(["a", "b", "c"]), split=np.zeros(3)), Chunks(tmp_path))
    assert list(content(tmp_path, "factors")) == [0, 128, 255]


def test_clusters_without_centers_are_refused(tmp_path):
    np.save(tmp_path / "centers.npy", np.zeros((0, 3), np.float32))
    points = SimpleNamespace(z_dim=3, mu=np.zeros((5, 3), np.float32))
    with pytest.raises(UserError, match="expected centres of clusters, received none"):
        page._write_clusters("ae", tmp_path, points, Chunks(tmp_path))


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
def test_single_precision_keeps_every_digit_in_twice_the_bytes():
    onnx = pytest.importorskip("onnx.reference")
    from zpoints.models.autoencoder import build

    decoder = build(AE.model_copy(update={"z_dim": 256}), 16, 0).decoder
    z = np.random.default_rng(0).standard_normal((8, 256)).astype(np.float32)
    exported = {kind: export.to_onnx(decoder, kind) for kind in ("float32", "float16")}
    network = onnx.ReferenceEvaluator(exported["float32"])
    (images,) = network.run(None, {network.input_names[0]: z})
    assert np.abs(images - decoder(z).numpy()).max() < 1e-6
    assert len(exported["float32"]) > 1.7 * len(exported["float16"])


def test_open_shows_the_page_or_says_why_not(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(webbrowser, "open", lambda address: shown.append(address) or len(shown) == 1)
    with pytest.raises(UserError, match=r"index\.html: expected the explorer's page, received no such file"):
        explore(out=tmp_path, show=True)
    (tmp_path / "index.html").write_text("")
    explore(out=tmp_path, show=True)
    assert shown == [(tmp_path / "index.html").as_uri()]
    with pytest.raises(UserError, match="browser: expected one"):
        explore(out=tmp_path, show=True)


@pytest.mark.slow
def test_same_run_gives_the_same_bytes(small_run, tmp_path):
    from zpoints.config.samplers import Samplers

    folders = (small_run.latents, small_run.models, small_run.measurements)
    page.write_explorer(
        tmp_path,
        {"ae": AE, "vae": VAE},
        Shards.open(small_run.shards),
        *folders,
        Explorer(bits=16),
        Samplers(mixture=2),
    )
    for path in sorted(small_run.page.rglob("*.js")):
        assert path.read_bytes() == (tmp_path / path.relative_to(small_run.page)).read_bytes(), path.name
