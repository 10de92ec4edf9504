"""The decoder of another program, from an ONNX or Keras file, in the place of one of ours."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from stages.decode import decode
from stages.encode import encode
from stages.measure import measure
from stages.train import train
from tests.lab import make_shards
from zpoints.errors import UserError
from zpoints.latents.external_decoder import ExternalModel
from zpoints.measurement import Measurement, NotMeasurable

ROOT = Path(__file__).resolve().parents[2]
SIZE, Z_DIM = 16, 3
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 0.3, (Z_DIM, SIZE * SIZE * 3)).astype(np.float32)
Z = RNG.standard_normal((5, Z_DIM)).astype(np.float32)
PICTURES = np.rint(255 / (1 + np.exp(-(Z @ WEIGHTS).reshape(-1, SIZE, SIZE, 3).astype(np.float64)))).astype(np.uint8)


def write_onnx(path, weights=WEIGHTS, shape=(SIZE, SIZE, 3), first=False, last_node="Sigmoid"):
    """sigmoid(z W) as pictures; `first`: the channels before rows and columns, as PyTorch has them."""
    names = iter("abcdef")
    nodes = [onnx.helper.make_node("MatMul", ["z", "weights"], ["product"])]
    nodes.append(onnx.helper.make_node("Reshape", ["product", "shape"], [last := next(names)]))
    if first:
        nodes.append(onnx.helper.make_node("Transpose", [last], [last := next(names)], perm=[0, 3, 1, 2]))
    nodes.append(onnx.helper.make_node(last_node, [last], ["pictures"]))
    graph = onnx.helper.make_graph(
        nodes,
        "decoder",
        [onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, ["n", len(weights)])],
        [onnx.helper.make_tensor_value_info("pictures", onnx.TensorProto.FLOAT, None)],
        [
            onnx.numpy_helper.from_array(weights, "weights"),
            onnx.numpy_helper.from_array(np.array([-1, *shape]), "shape"),
        ],
    )
    opset = onnx.helper.make_opsetid("", 17)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return path


def opened(path):
    return ExternalModel.open("outside", path, "f" * 64, SIZE)


@pytest.mark.parametrize("first", [False, True])
def test_channels_may_come_first_or_last(tmp_path, first):
    model = opened(write_onnx(tmp_path / "decoder.onnx", first=first))
    np.testing.assert_allclose(model.decode(Z).astype(int), PICTURES, atol=1)


def test_grey_pictures_get_three_equal_channels(tmp_path):
    file = write_onnx(tmp_path / "decoder.onnx", WEIGHTS[:, : SIZE * SIZE], (SIZE, SIZE, 1))
    pictures = opened(file).decode(Z)
    assert pictures.shape == (5, SIZE, SIZE, 3) and np.ptp(pictures, axis=3).max() == 0 < np.ptp(pictures)


@pytest.mark.slow
def test_a_keras_decoder_decodes_the_same(tmp_path):
    import keras

    network = keras.Sequential(
        [keras.Input((Z_DIM,)), keras.layers.Dense(WEIGHTS.shape[1], "sigmoid"), keras.layers.Reshape((SIZE, SIZE, 3))]
    )
    network.layers[0].set_weights([WEIGHTS, np.zeros(WEIGHTS.shape[1])])
    network.save(tmp_path / "decoder.keras")
    np.testing.assert_allclose(opened(tmp_path / "decoder.keras").decode(Z).astype(int), PICTURES, atol=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (3, SIZE * SIZE)}, r"expected pictures of shape \(n, 16, 16, 3\), .*received \(5, 3, 256\)"),
        ({"last_node": "Tanh"}, r"values in \[0, 1\], received -0\.\d+ to 0\.\d+"),
        ({"weights": WEIGHTS[:2]}, r"expected a decoder of z-points \(5, 3\), received"),
        ({"weights": np.full_like(WEIGHTS, np.nan)}, "received nan to nan"),
    ],
)
def test_a_decoder_that_does_not_fit_is_one_line(tmp_path, changes, message):
    model = opened(write_onnx(tmp_path / "decoder.onnx", **changes))
    with pytest.raises(UserError, match=message) as raised:
        model.decode(Z)
    assert "\n" not in str(raised.value) and "decoder.onnx: " in str(raised.value)


@pytest.mark.parametrize("name", ["decoder.onnx", "decoder.keras"])
def test_a_file_that_is_no_network_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"no network")
    with pytest.raises(UserError, match=f"{name}: expected an? .* network, received: ") as raised:
        opened(tmp_path / name)
    assert "\n" not in str(raised.value)


def test_an_external_model_cannot_encode(tmp_path):
    model = opened(write_onnx(tmp_path / "decoder.onnx"))
    with pytest.raises(NotMeasurable, match="needs an encoder, has none: an external model"):
        model.encode(PICTURES)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A working directory with shards, mu.npy, decoder.onnx, and a params file with the external model `outside`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/shards").mkdir(parents=True)
    make_shards(tmp_path / "data/shards", images=60)
    np.save("mu.npy", np.random.default_rng(1).standard_normal((60, Z_DIM)))
    write_onnx("decoder.onnx", first=True)
    text = (ROOT / "params.yaml").read_text()
    entry = "  outside:   {kind: external, latents: mu.npy, decoder: decoder.onnx, z_dim: 3}\n"
    Path("params.yaml").write_text(text.replace("models:  ", f"models:\n{entry}#").replace("size: 64", "size: 16"))
    train("outside")
    encode("outside")
    return tmp_path


def test_questions_about_decoded_images_are_answered(project):
    measure("samples", "outside")
    found = Measurement.read(Path("data/measurements/outside/samples"))
    assert found.arrays["reconstructions"].shape[1:] == (SIZE, SIZE, 3) and np.ptp(found.arrays["gaussian"]) > 0
    measure("curvature", "outside")
    reason = Measurement.read(Path("data/measurements/outside/curvature")).reason
    assert reason == "needs a network with its loss, has none: an external model"


def test_samples_of_an_external_model_are_drawn_by_hand(project, capsys):
    decode("outside", "gaussian", Path("sheet.png"), n=4)
    assert "sheet.png" in capsys.readouterr().out and Path("sheet.png").exists()


def test_the_decoder_is_kept_with_the_model(project):
    assert Path("data/models/outside/decoder.onnx").read_bytes() == Path("decoder.onnx").read_bytes()
    write_onnx("decoder.onnx")
    with pytest.raises(UserError, match="the files have changed; run `dvc repro --force train@outside`"):
        measure("samples", "outside")


def test_a_missing_decoder_is_named(project):
    Path("decoder.onnx").unlink()
    with pytest.raises(UserError, match=r"decoder.onnx: expected the decoder of an external model"):
        train("outside")
