"""Networks of the user's own, here with small random weights: what they are fed, what comes back, what is refused."""

import hashlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.lab import make_shards
from zpoints.config.block import ConfigError
from zpoints.config.features import Features, Weights
from zpoints.errors import UserError
from zpoints.metrics import onnx_space
from zpoints.metrics.feature_space import open_space
from zpoints.metrics.frechet import Frechet
from zpoints.metrics.kid import kid
from zpoints.metrics.onnx_space import NETWORKS, OnnxSpace
from zpoints.metrics.reference import Reference, write_reference
from zpoints.metrics.scoring import describe
from zpoints.shards.store import Shards

BLACK, WHITE = (np.full((2, 64, 64, 3), value, np.uint8) for value in (0, 255))
RNG = np.random.default_rng(0)


def write_network(path, name, dimension=None, first=True, tail=(1, 1), tokens=False):
    """The mean of each channel, and random sums of the means behind them; channels first or last."""
    size, width = NETWORKS[name].size, dimension or NETWORKS[name].dimension
    matrix = np.hstack([np.eye(3), RNG.standard_normal((3, width - 3))]).astype(np.float32)
    shape = ["n", 3, size, size] if first else ["n", size, size, 3]
    axes = numpy_helper.from_array(np.array([2, 3] if first else [1, 2]), "axes")
    output = ["n", 2, width] if tokens else ["n", width, *tail]
    nodes = [
        helper.make_node("ReduceMean", ["images", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "matrix"], ["features"]),
        helper.make_node("Reshape", ["features", "shape"], ["shaped"]),
    ]
    target = [-1, 1, width] if tokens else [-1, width, *tail]
    if tokens:  # behind the CLS token another one
        nodes += [helper.make_node("Neg", ["shaped"], ["other"])]
        nodes += [helper.make_node("Concat", ["shaped", "other"], ["out"], axis=1)]
    else:
        nodes[-1].output[0] = "out"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, output)],
        [axes, numpy_helper.from_array(matrix, "matrix"), numpy_helper.from_array(np.array(target), "shape")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return Weights(path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture(scope="module")
def inception(tmp_path_factory):
    return write_network(tmp_path_factory.mktemp("weights") / "inception.onnx", "inception")


@pytest.fixture(scope="module")
def dinov2(tmp_path_factory):
    return write_network(tmp_path_factory.mktemp("weights") / "dinov2.onnx", "dinov2", tokens=True)


def test_inception_sees_values_from_minus_1_to_1(inception):
    space = OnnxSpace("inception", inception)
    assert space(WHITE).shape == (2, 2048) and space(WHITE).dtype == np.float32
    np.testing.assert_allclose(space(BLACK)[:, :3], -1, atol=1e-5)
    np.testing.assert_allclose(space(WHITE)[:, :3], 1, atol=1e-5)


def test_dinov2_sees_standardised_channels(dinov2):
    space = OnnxSpace("dinov2", dinov2)
    assert space(WHITE).shape == (2, 384)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(space(BLACK)[0, :3], -mean / std, rtol=1e-4)
    np.testing.assert_allclose(space(WHITE)[0, :3], (1 - mean) / std, rtol=1e-4)


@pytest.mark.parametrize("first", [True, False])
def test_channels_may_stand_first_or_last(tmp_path, first):
    space = OnnxSpace("inception", write_network(tmp_path / "net.onnx", "inception", first=first, tail=()))
    red = BLACK.copy()
    red[..., 0] = 255
    np.testing.assert_allclose(space(red)[0, :3], [1, -1, -1], atol=1e-5)


def test_features_do_not_depend_on_batches(inception, monkeypatch):
    images = RNG.integers(0, 256, (5, 32, 32, 3), np.uint8)
    space = OnnxSpace("inception", inception)
    whole = space(images)
    monkeypatch.setattr(onnx_space, "BATCH", 2)
    np.testing.assert_allclose(space(images), whole, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_features_are_cached_with_their_checksum(inception, dinov2, tmp_path):
    (tmp_path / "shards").mkdir()
    shards = Shards.open(make_shards(tmp_path / "shards", 400, 16))
    settings = Features(space="dinov2", weights=dinov2, images=100, scaler_images=110)
    space = open_space(settings)
    (tmp_path / "features").mkdir()
    write_reference(shards, space, settings, tmp_path / "features")
    known = Reference.open(tmp_path / "features", settings, shards.split)
    assert known.space == {"space": "dinov2", "dimension": 384, "weights": dinov2.sha256}
    pictures = describe(space, [shards.read(known.rows["held_out"])])
    scores = known.scorer(space).scores(pictures)
    assert scores["kid"] == known.controls["held_out"]["kid"] and "face_rate" not in scores
    # As published: of the features as they are.
    raw = [side.astype(np.float64) for side in (pictures.features, known.features["reference"])]
    assert scores["kid"]["value"] == pytest.approx(kid(*raw, settings.seed)[0].value)
    assert scores["frechet"]["value"] == pytest.approx(Frechet(raw[1], settings.seed).score(raw[0])[0].value)
    with pytest.raises(UserError, match=r"expected those of .*'inception'.*, received those of .*'dinov2'"):
        known.scorer(OnnxSpace("inception", inception))
    other = settings.model_copy(update={"weights": Weights(path=dinov2.path, sha256="0" * 64)})
    with pytest.raises(UserError, match=r"expected features made with features\.weights"):
        Reference.open(tmp_path / "features", other, shards.split)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "expected the network of features.space: inception, received no such file"),
        (lambda path: path.write_bytes(b"other"), "expected the SHA-256 [0-9a-f]{64} of features.weights, received d"),
    ],
)
def test_other_weights_are_refused(tmp_path, change, message):
    weights = write_network(tmp_path / "net.onnx", "inception")
    change(tmp_path / "net.onnx")
    with pytest.raises(UserError, match=rf"net\.onnx: {message}"):
        OnnxSpace("inception", weights)


def test_what_is_no_such_network_is_refused(tmp_path):
    (tmp_path / "text.onnx").write_text("no network")
    weights = Weights(path=str(tmp_path / "text.onnx"), sha256=hashlib.sha256(b"no network").hexdigest())
    with pytest.raises(UserError, match="expected an ONNX network, received"):
        OnnxSpace("inception", weights)
    narrow = write_network(tmp_path / "narrow.onnx", "inception", dimension=100)
    with pytest.raises(UserError, match=r"expected 2048 features of each image, received shape \(2, 100, 1, 1\)"):
        OnnxSpace("inception", narrow)(WHITE)
    small = write_network(tmp_path / "small.onnx", "dinov2")
    with pytest.raises(UserError, match=r"expected a network of images \(3, 299, 299\), received"):
        OnnxSpace("inception", small)(WHITE)


def test_weights_are_asked_for_before_training(dinov2, tmp_path):
    with pytest.raises(ConfigError) as caught:
        Features(space="inception").check({})
    assert caught.value.key == "features.weights" and "features.space: inception" in caught.value.expected
    settings = Features(space="dinov2", weights=dinov2)
    settings.check({})
    assert settings.absent() is None and Features().absent() is None
    gone = Features(space="dinov2", weights=Weights(path=str(tmp_path / "gone.onnx"), sha256="0" * 64))
    assert gone.absent() == f"needs {tmp_path}/gone.onnx, of features.weights, has no such file"
