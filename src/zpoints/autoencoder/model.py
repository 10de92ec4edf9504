"""The plain and the variational autoencoder as Keras models with their own GradientTape train step.

`fit` feeds them pairs (images, step): uint8 (batch, size, size, 3) and the number of the training step, which keys the
noise, so that a step's noise depends on (seed, step) alone.
"""

from typing import Any

import keras
import tensorflow as tf

from zpoints.autoencoder.losses import RECONSTRUCTION, kl_divergence, mean_squared_error, psnr
from zpoints.networks import build_decoder, build_encoder, logits_of
from zpoints.params.models import AutoencoderEntry, VariationalEntry


class Autoencoder(keras.Model):
    """A plain autoencoder: `encoder` (images to mu), `decoder` (z to images), loss `reco`.

    Args: spec, the model's entry in params.yaml; size, the images' edge in pixels; seed of initial weights and noise.
    """

    def __init__(self, spec: AutoencoderEntry, size: int, seed: int = 0) -> None:
        super().__init__(name=spec.kind)
        self.spec, self.size, self.seed = spec, size, seed
        self.encoder = build_encoder(spec, size, seed)
        self.decoder = build_decoder(spec, size, seed)
        self._logits = logits_of(self.decoder)
        self._reconstruction = RECONSTRUCTION[spec.loss]
        self.trackers = {name: keras.metrics.Mean(name=name) for name in self.term_names}
        self.validation_trackers = {name: keras.metrics.Mean(name=name) for name in ("mse", "psnr")}
        self.built = True

    @property
    def term_names(self) -> tuple[str, ...]:
        """The reported terms of the loss."""
        return ("total", "reco")

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [*self.trackers.values(), *self.validation_trackers.values()]

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions of `images` (both float32 in [0, 1]), by way of mu."""
        mu, _ = self.encode(images, training)
        return self.decoder(mu, training=training)

    def encode(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor | None]:
        """mu and logvar of images in [0, 1], float32 (batch, z_dim) each; a plain AE has no logvar."""
        return self.encoder(images, training=training), None

    def z_points(self, mu: tf.Tensor, logvar: tf.Tensor | None, key: tf.Tensor) -> tf.Tensor:
        """The points that are decoded; for a plain AE mu itself."""
        return mu

    def terms(self, images: tf.Tensor, key: tf.Tensor, training: bool) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """The reported terms of the loss, float32 (batch,) each, and the logits of the reconstructions."""
        mu, logvar = self.encode(images, training)
        logits = self._logits(self.z_points(mu, logvar, key), training=training)
        return self.weigh(self._reconstruction(images, logits), mu, logvar), logits

    def weigh(self, reco: tf.Tensor, mu: tf.Tensor, logvar: tf.Tensor | None) -> dict[str, tf.Tensor]:
        """The terms by name from the reconstruction loss and the latent distribution."""
        return {"total": reco, "reco": reco}

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        images, step = unit_range(data[0]), data[1]
        with tf.GradientTape() as tape:
            terms, _ = self.terms(images, noise_key(self.seed, step), training=True)
            loss = tf.reduce_mean(terms["total"])
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return self._track(terms, self.trackers)

    def test_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        images, step = unit_range(data[0]), data[1]
        terms, logits = self.terms(images, noise_key(self.seed, step), training=False)
        mse = mean_squared_error(images, logits)
        results = self._track(terms, self.trackers)
        return results | self._track({"mse": mse, "psnr": psnr(mse)}, self.validation_trackers)

    @staticmethod
    def _track(values: dict[str, tf.Tensor], trackers: dict[str, Any]) -> dict[str, tf.Tensor]:
        # Means over images, not over batches: the last batch of an epoch is smaller.
        for name, tracker in trackers.items():
            tracker.update_state(values[name])
        return {name: tracker.result() for name, tracker in trackers.items()}


class VariationalAutoencoder(Autoencoder):
    """A VAE: total = reco + kl, where kl includes its weight `fact`, in training and validation alike."""

    spec: VariationalEntry

    @property
    def term_names(self) -> tuple[str, ...]:
        return ("total", "reco", "kl")

    def encode(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        mu, logvar = self.encoder(images, training=training)
        return mu, logvar

    def z_points(self, mu: tf.Tensor, logvar: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """z = mu + exp(logvar / 2) * epsilon * eps_factor, epsilon from N(0, I), clipped, drawn with `key`."""
        epsilon = tf.random.stateless_normal(tf.shape(mu), seed=key)
        if self.spec.eps_clip is not None:
            epsilon = tf.clip_by_value(epsilon, -self.spec.eps_clip, self.spec.eps_clip)
        return mu + tf.exp(0.5 * logvar) * epsilon * self.spec.eps_factor

    def weigh(self, reco: tf.Tensor, mu: tf.Tensor, logvar: tf.Tensor) -> dict[str, tf.Tensor]:
        kl = self.spec.fact * kl_divergence(mu, logvar)
        return {"total": reco + kl, "reco": reco, "kl": kl}


def unit_range(images: tf.Tensor) -> tf.Tensor:
    """uint8 pixels as float32 in [0, 1]."""
    return tf.cast(images, tf.float32) / 255.0


def noise_key(seed: int, step: tf.Tensor) -> tf.Tensor:
    """The key of one step's noise, int64 (2,)."""
    return tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])


def build(spec: AutoencoderEntry, size: int, seed: int = 0) -> Autoencoder:
    """The model that an entry of params.yaml describes, for images of `size` pixels."""
    return (VariationalAutoencoder if isinstance(spec, VariationalEntry) else Autoencoder)(spec, size, seed)
