"""AE and VAE: the train step's loss and gradient, the noise, and the reported means."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.models.autoencoder import build, noise_key, unit_range
from zpoints.models.losses import entropy

SIZE = 16
SHAPE = {"z_dim": 6, "filters": (4, 8)}
IMAGES = np.random.default_rng(1).integers(0, 256, (12, SIZE, SIZE, 3), dtype=np.uint8)


def vae(fact=5.0, **keys):
    return build(VariationalEntry(kind="vae", fact=fact, **SHAPE, **keys), SIZE, seed=3)


def gradient(model, loss):
    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, model.encoder.trainable_variables)


def kl_by_hand(mu, logvar, fact):
    """The posts' formula as it is printed: mean over the batch of the sum over z."""
    return tf.reduce_mean(-0.5 * fact * tf.reduce_sum(1 + logvar - tf.square(mu) - tf.exp(logvar), axis=1))


class KLByLayer(keras.layers.Layer):
    """The series' first way: a layer that adds the KL loss; scaled to a mean over z, hence by 1 / z_dim."""

    def __init__(self, fact):
        super().__init__()
        self.fact = fact

    def call(self, inputs):
        mu, logvar = inputs
        kl = -0.5 * self.fact * tf.reduce_mean(1 + logvar - tf.square(mu) - tf.exp(logvar))
        self.add_loss(kl)
        return mu


def by_layer(model, images):
    mu, logvar = model.encoder.outputs
    whole = keras.Model(model.encoder.inputs, KLByLayer(model.spec.fact)([mu, logvar]))
    return lambda: (whole(images), tf.add_n(whole.losses))[1], 1 / model.spec.z_dim


def by_outputs(model, images):
    """The second way: mu and logvar are extra outputs, and a loss function takes them; summed over the batch."""

    def loss():
        mu, logvar = model.encoder(images)
        return -0.5 * model.spec.fact * tf.reduce_sum(1 + logvar - tf.square(mu) - tf.exp(logvar))

    return loss, len(images)


def by_model(model, images):
    """The third way: model.add_loss with a symbolic expression; Keras 3 has it within call() alone."""

    class Whole(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder = model.encoder

        def call(self, inputs):
            mu, logvar = self.encoder(inputs)
            self.add_loss(kl_by_hand(mu, logvar, model.spec.fact))
            return mu

    whole = Whole()
    return lambda: (whole(images), tf.add_n(whole.losses))[1], 1.0


@pytest.mark.parametrize("other_way", [by_layer, by_outputs, by_model])
def test_kl_gradient_matches_the_posts_ways(other_way):
    model, images = vae(), unit_range(IMAGES)
    ours = gradient(
        model, lambda: tf.reduce_mean(model.forward(IMAGES, noise_key(0, tf.constant(0)), training=True).terms["kl"])
    )
    loss, scale = other_way(model, images)
    theirs = gradient(model, loss)
    assert max(float(tf.reduce_max(tf.abs(one))) for one in ours) > 1e-3
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one * scale, other, rtol=1e-3, atol=1e-6 * max(scale, 1))


def test_total_is_reco_plus_weighted_kl():
    model, images = vae(fact=0.7), unit_range(IMAGES)
    terms = model.forward(IMAGES, noise_key(0, tf.constant(0)), training=True).terms
    mu, logvar = model.encode(images)
    np.testing.assert_allclose(tf.reduce_mean(terms["kl"]), kl_by_hand(mu, logvar, 0.7), rtol=1e-5)
    np.testing.assert_allclose(terms["total"], terms["reco"] + terms["kl"], rtol=1e-6)


def test_validation_weighs_the_kl_as_training_does():
    model = vae(fact=0.7)
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    step = tf.constant(4, tf.int64)
    data = (tf.constant(IMAGES), step)
    trained = {name: float(value) for name, value in model.train_step(data).items()}
    model.reset_metrics()
    tested = {name: float(value) for name, value in model.test_step(data).items()}
    for name, value in trained.items():
        assert tested[name] == pytest.approx(value, rel=1e-6)
    assert tested["psnr"] == pytest.approx(-10 * np.log10(tested["mse"]), abs=0.5)


@pytest.mark.slow
def test_fact_rises_linearly_during_warmup():
    model = vae(fact=0.8, fact_warmup_epochs=2.5)
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    model.steps_per_epoch = 4
    step = tf.function(model.train_step)
    full = float(model.test_step((tf.constant(IMAGES), tf.constant(-1, tf.int64)))["kl"])
    for number, share in ((0, 0.1), (4, 0.5), (8, 0.9), (9, 1.0), (1000, 1.0)):
        model.reset_metrics()
        results = step((tf.constant(IMAGES), tf.constant(number, tf.int64)))
        assert float(results["kl"]) == pytest.approx(share * full, rel=1e-5)
        assert float(results["total"]) == pytest.approx(float(results["reco"]) + float(results["kl"]), rel=1e-6)
        assert float(model.fact_at(number)) == pytest.approx(0.8 * share, rel=1e-12)


def test_warmup_needs_steps_per_epoch():
    model = vae(fact_warmup_epochs=1.0)
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    with pytest.raises(ValueError, match="steps_per_epoch: expected a count"):
        model.train_step((tf.constant(IMAGES), tf.constant(0, tf.int64)))


@pytest.mark.slow
def test_noise_seed_changes_training_without_retracing():
    model = vae(fact=0.0)
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    data = (tf.constant(IMAGES), tf.constant(4, tf.int64))
    steps = {name: tf.function(getattr(model, name)) for name in ("train_step", "test_step")}

    def reco(name):
        model.reset_metrics()
        return float(steps[name](data)["reco"])

    trained, tested = reco("train_step"), reco("test_step")
    model.noise_with(8)
    assert reco("train_step") != trained and reco("test_step") == tested
    model.noise_with(3)
    assert reco("train_step") == trained
    assert steps["train_step"].experimental_get_tracing_count() == 1


def test_sgd_step_follows_mean_gradient():
    model = build(AutoencoderEntry(kind="ae", **SHAPE), SIZE)
    model.compile(optimizer=keras.optimizers.SGD(1e-4), jit_compile=False)
    key = noise_key(0, tf.constant(0))
    expected = gradient(model, lambda: tf.reduce_mean(model.forward(IMAGES, key, training=True).terms["total"]))
    before = [variable.numpy() for variable in model.encoder.trainable_variables]
    model.train_step((tf.constant(IMAGES), tf.constant(0, tf.int64)))
    for was, now, slope in zip(before, model.encoder.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(was - now.numpy(), 1e-4 * slope.numpy(), rtol=1e-3, atol=1e-7)


def test_reported_terms_are_means_over_images():
    model = vae(eps_factor=0.0)
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    step = tf.constant(0, tf.int64)

    def reported(*batches):
        model.reset_metrics()
        for batch in batches:
            results = model.test_step((tf.constant(batch), step))
        return {name: float(value) for name, value in results.items()}

    assert reported(IMAGES[:8], IMAGES[8:11], IMAGES[11:]) == pytest.approx(reported(IMAGES), rel=1e-5)


def test_the_noise_is_keyed_by_seed_and_step():
    model = vae()
    mu, logvar = tf.zeros((4, 6)), tf.zeros((4, 6))

    def noise(seed, step):
        return model.z_points(mu, logvar, noise_key(seed, tf.constant(step, tf.int64))).numpy()

    np.testing.assert_array_equal(noise(1, 5), noise(1, 5))
    assert (noise(1, 5) != noise(1, 6)).all() and (noise(1, 5) != noise(2, 5)).all()
    assert (noise(1, 5) != noise(1, -5)).all()


def test_noise_is_scaled_standard_normal():
    model = vae(eps_factor=0.5)
    mu, logvar = tf.fill((50_000, 6), 2.0), tf.fill((50_000, 6), np.log(9.0).astype(np.float32))
    z = model.z_points(mu, logvar, noise_key(0, tf.constant(0))).numpy()
    assert z.mean() == pytest.approx(2, abs=0.02)
    assert z.std() == pytest.approx(0.5 * 3, rel=0.01)


def test_epsilon_is_clipped_elementwise():
    mu, logvar, key = tf.zeros((20_000, 6)), tf.zeros((20_000, 6)), noise_key(0, tf.constant(0))
    clipped = vae(eps_clip=1.5).z_points(mu, logvar, key).numpy()
    free = vae(eps_clip=None).z_points(mu, logvar, key).numpy()
    assert np.abs(free).max() > 3.5
    np.testing.assert_array_equal(clipped, np.clip(free, -1.5, 1.5))


def test_without_noise_z_is_mu():
    model = vae(eps_factor=0.0)
    mu, logvar = model.encode(unit_range(IMAGES))
    np.testing.assert_array_equal(model.z_points(mu, logvar, noise_key(0, tf.constant(0))), mu)


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec", [AutoencoderEntry(kind="ae", **SHAPE), VariationalEntry(kind="vae", fact=0.1, **SHAPE)]
)
def test_training_approaches_floor_from_above(spec):
    smooth = np.broadcast_to(np.linspace(40, 200, SIZE).astype(np.uint8)[:, None, None], (8, SIZE, SIZE, 3))
    model = build(spec, SIZE)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), jit_compile=False)
    step = tf.function(model.train_step)
    reco = []
    for number in range(30):
        model.reset_metrics()
        reco.append(float(step((tf.constant(smooth), tf.constant(number, tf.int64)))["reco"]))
    floor = entropy(smooth).mean()
    assert floor < reco[-1] < reco[0] - 0.5 * (reco[0] - floor)
