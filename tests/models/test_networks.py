"""Encoder and decoder: the posts' parameter counts, to the last digit, and what each normalization does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.models.layers.convolution import space_to_depth
from zpoints.models.networks import build_decoder, build_encoder, logits_of, parameter_table, unit_range

SMALL = {"z_dim": 6, "filters": (4, 8)}


def vae(**keys):
    return VariationalEntry(kind="vae", fact=5.0, **keys)


@pytest.mark.parametrize(
    ("spec", "encoder", "decoder"),
    [
        (vae(z_dim=512, batch_norm="affine"), 9_828_544, 5_116_867),
        (vae(z_dim=256, batch_norm="affine"), 5_109_440, 2_757_571),
        (vae(z_dim=256, batch_norm="batch"), 5_109_440, 2_757_571),
        (vae(z_dim=256, batch_norm="affine", extra_dense=256), 2_881_472, 2_757_571),
        (vae(z_dim=256, batch_norm="affine", extra_dense=384), 4_126_784, 2_757_571),
        (AutoencoderEntry(kind="ae", z_dim=256), 2_747_968, 2_756_675),
    ],
    ids=["vae 512", "vae 256", "vae 256 batch", "extra dense 256", "extra dense 384", "ae"],
)
def test_parameter_counts_are_those_of_the_posts(spec, encoder, decoder):
    parts = [build_encoder(spec, 96, 0), build_decoder(spec, 96, 0)]
    assert spec.parameters(96) == encoder + decoder
    assert [part.count_params() for part in parts] == [encoder, decoder]
    table = parameter_table(parts)
    assert sum(row["parameters"] for row in table if row["part"] == "encoder") == encoder
    assert sum(row["parameters"] for row in table if row["part"] == "decoder") == decoder


def test_encoder_and_decoder_shapes_and_ranges():
    images = np.random.default_rng(0).random((3, 16, 16, 3), dtype=np.float32)
    mu, logvar = build_encoder(vae(**SMALL), 16, 0)(images)
    assert mu.shape == logvar.shape == (3, 6)
    decoded = build_decoder(vae(**SMALL), 16, 0)(mu).numpy()
    assert decoded.shape == images.shape and (decoded > 0).all() and (decoded < 1).all()


def test_logits_are_what_the_sigmoid_turns_into_images():
    decoder = build_decoder(vae(**SMALL), 16, 0)
    z = np.random.default_rng(0).standard_normal((3, 6)).astype(np.float32)
    by_hand = 1 / (1 + np.exp(-logits_of(decoder)(z).numpy()))
    np.testing.assert_allclose(by_hand, space_to_depth(decoder(z)), rtol=1e-5)


@pytest.mark.parametrize(("batch_norm", "depends"), [("none", False), ("affine", False), ("batch", True)])
def test_only_batch_norm_mixes_images(batch_norm, depends):
    images = np.random.default_rng(0).random((8, 16, 16, 3), dtype=np.float32)
    encoder = build_encoder(AutoencoderEntry(kind="ae", batch_norm=batch_norm, **SMALL), 16, 0)
    alone, together = encoder(images[:2], training=True).numpy(), encoder(images, training=True).numpy()[:2]
    assert (np.abs(alone - together).max() > 1e-3) == depends


def test_affine_normalization_keeps_its_statistics():
    encoder = build_encoder(AutoencoderEntry(kind="ae", batch_norm="affine", **SMALL), 16, 0)
    images = 5 + np.random.default_rng(0).random((8, 16, 16, 3), dtype=np.float32)
    encoder(images, training=True)
    layer = encoder.get_layer("conv_1")
    assert [weight.name for weight in layer.trainable_weights] == ["kernel", "bias", "gamma", "beta"]
    np.testing.assert_array_equal(layer.moving_mean, np.zeros(4))
    np.testing.assert_array_equal(layer.moving_variance, np.ones(4))


def test_initial_weights_hang_on_the_seed_alone():
    def weights(seed):
        return np.concatenate([np.ravel(weight) for weight in build_encoder(vae(**SMALL), 16, seed).get_weights()])

    first = weights(3)
    keras.utils.set_random_seed(99)
    np.testing.assert_array_equal(first, weights(3))
    assert (first != weights(4)).any()


def test_layers_of_one_shape_start_with_different_weights():
    encoder = build_encoder(vae(**SMALL), 16, 0)
    assert (encoder.get_layer("mu").get_weights()[0] != encoder.get_layer("logvar").get_weights()[0]).any()


def test_encoder_takes_uint8_images():
    encoder = build_encoder(vae(**SMALL), 16, 0)
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    for pixels in (images, tf.constant(images)):
        np.testing.assert_array_equal(encoder(pixels), encoder(unit_range(images)))
    with pytest.raises(TypeError, match="received int64"):
        encoder(images.astype(np.int64))
