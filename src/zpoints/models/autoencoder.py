"""The plain and the variational autoencoder as Keras models with their own GradientTape train step.

`fit` feeds them pairs (images, step): uint8 (batch, size, size, 3) and the number of the training step, which keys the
noise, so that a step's noise depends on (noise seed, step) alone. On several devices each is fed (images, step, start,
batch_size) instead: its slice of a batch of so many images (zpoints.models.replicas.BatchSlice). Together they do what
one device does: sums run over the whole batch, and an image gets the noise that it gets there.
"""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.models.layers.convolution import space_to_depth
from zpoints.models.losses import RECONSTRUCTION, kl_divergence, psnr
from zpoints.models.networks import Layers, build_decoder, build_encoder, logits_of, unit_range
from zpoints.models.replicas import BatchSlice, all_reduce, as_log
from zpoints.models.step_metrics import StepMetrics

QUALITY = ("mse", "psnr")  # of the reconstructions, reported beside the terms of the loss


class Forward(NamedTuple):
    """One pass over a batch.

    terms: the reported terms of the loss, float32 (batch,) each.
    mse: mean squared error of the reconstructions, float32 (batch,).
    kl: of a VAE, not weighted, float32 (batch,).
    epsilon: of a VAE, as drawn, float32 (batch, z_dim); on several devices that of the whole batch.
    """

    terms: dict[str, tf.Tensor]
    mse: tf.Tensor
    kl: tf.Tensor | None = None
    epsilon: tf.Tensor | None = None


class Autoencoder(keras.Model):
    """A plain autoencoder: `encoder` (images to mu), `decoder` (z to images), loss `reco`.

    Args: spec, the model's entry in params.yaml; size, the images' edge in pixels; seed of initial weights and noise;
    precision of the arithmetic (weights, latent space, losses and all sums are float32 in any); layers, `fast` or
    `stock` (training.layers).
    """

    def __init__(
        self,
        spec: AutoencoderEntry,
        size: int,
        seed: int = 0,
        precision: str = "float32",
        layers: Layers = "fast",
    ) -> None:
        super().__init__(name=spec.kind)
        self.spec, self.size, self.seed, self.precision = spec, size, seed, precision
        self.encoder = build_encoder(spec, size, seed, precision, layers)
        self.decoder = build_decoder(spec, size, seed, precision, layers)
        self._sub_pixel = layers == "fast"
        # Affine normalization never sees a batch, and stock layers have no other way to say so.
        self._batch_statistics = spec.batch_norm == "batch"
        self._logits = logits_of(self.decoder)
        self._reconstruction = RECONSTRUCTION[spec.loss]
        self.trackers = {name: keras.metrics.Mean(name=name) for name in self.term_names}
        self.trackers |= {name: keras.metrics.Mean(name=name) for name in QUALITY}
        self.step_metrics = StepMetrics()
        # A variable, since a run that was rolled back goes on with other noise and without a new graph.
        self._noise_seed = tf.Variable(seed, trainable=False, dtype=tf.int64)
        self.steps_per_epoch: int | None = None
        self.built = True

    @property
    def term_names(self) -> tuple[str, ...]:
        """The reported terms of the loss."""
        return ("total", "reco")

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return list(self.trackers.values())

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions of `images` (both float32 in [0, 1]), by way of mu."""
        mu, _ = self.encode(images, training)
        return self.decoder(mu, training=training)

    def encode(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor | None]:
        """mu and logvar, float32 (batch, z_dim) each, of images: uint8, or floats in [0, 1]; an AE has no logvar."""
        return self.encoder(images, training=training and self._batch_statistics), None

    def logits(self, z: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The decoder's logits, in the order of `targets`."""
        return self._logits(z, training=training and self._batch_statistics)

    def targets(self, pixels: tf.Tensor) -> tf.Tensor:
        """uint8 images as float32 in [0, 1], in the order of the logits: with fast layers the sub-pixel order."""
        return unit_range(space_to_depth(pixels) if self._sub_pixel else pixels)

    def z_points(
        self, mu: tf.Tensor, logvar: tf.Tensor | None, key: tf.Tensor, eps_factor: tf.Tensor | float | None = None
    ) -> tf.Tensor:
        """The points that are decoded; for a plain AE mu itself."""
        return mu

    def noise_with(self, seed: int) -> None:
        """Key the noise of all further training steps with this seed; that of validation keeps the model's own."""
        self._noise_seed.assign(seed)

    def fact_at(self, step: tf.Tensor | int) -> Any:
        """The weight of the KL divergence in a training step (from 0); None for a plain AE."""
        return None

    def forward(
        self, pixels: tf.Tensor, key: tf.Tensor, training: bool, fact: Any = None, batch_slice: BatchSlice | None = None
    ) -> Forward:
        """One pass over uint8 images; a VAE draws noise with `key` and weighs the KL with `fact`, or the spec's.

        `batch_slice` is given where the images are not the whole batch.
        """
        mu, _ = self.encode(unit_range(pixels), training)
        reco, mse = self._reconstruction(self.targets(pixels), self.logits(mu, training))
        return Forward({"total": reco, "reco": reco}, mse)

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """A private hook of Keras (trainer.py): everything is built, so no first batch is needed for it.

        Keras would average its images over the replicas, which fails where their slices are not of one size.
        """

    def train_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        pixels, step, batch_slice = _unpack(data)
        with tf.GradientTape() as tape:
            key = noise_key(self._noise_seed, step)
            made = self.forward(pixels, key, training=True, fact=self.fact_at(step), batch_slice=batch_slice)
            # float16 alone scales the loss, so that small gradients do not vanish.
            loss = self.optimizer.scale_loss(_mean(made.terms["total"], batch_slice))
        # Summed here and not in the optimizer (FusedAdam leaves that out): the norm is the whole batch's.
        gradients = all_reduce(tape.gradient(loss, self.trainable_variables))
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        if batch_slice and self.spec.batch_norm == "batch":
            self._share_statistics(batch_slice, pixels)
        values = {**made.terms, "mse": made.mse, "psnr": psnr(made.mse)}
        sums = _sums({**values, "unweighted": made.kl}, batch_slice)
        count = batch_slice.batch_size if batch_slice else tf.shape(pixels)[0]
        norm = self._norm(gradients)
        self.step_metrics.record(step, count, sums["total"], norm, sums.get("unweighted"), made.epsilon)
        return self._track(values, sums, batch_slice)

    def _share_statistics(self, batch_slice: BatchSlice, pixels: tf.Tensor) -> None:
        """Give every replica the same moving statistics: the mean of all, weighted with their shares of the batch.

        With batch_norm `batch` each replica normalizes with the statistics of its own slice, so several devices train
        another model than one does. Keras would leave each its own moving statistics and save the first one's.
        """
        images = tf.reduce_sum(tf.cast(batch_slice.mask(pixels), tf.float32))
        share = images / tf.cast(batch_slice.batch_size, tf.float32)
        variables = [*self.encoder.non_trainable_variables, *self.decoder.non_trainable_variables]
        local = [tf.convert_to_tensor(variable) for variable in variables]
        shared = all_reduce([tf.where(share > 0, share * value, 0.0) for value in local])
        for variable, value in zip(variables, shared, strict=True):
            variable.assign(value)

    def _norm(self, gradients: list[tf.Tensor]) -> tf.Tensor:
        """The global norm of the gradients of the unscaled loss."""
        norm = tf.linalg.global_norm(gradients)
        if not isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer):
            return norm
        # A step whose scaled gradients overflow is skipped, and the scale halved: nothing went wrong.
        return tf.where(tf.math.is_finite(norm), norm / self.optimizer.scale_loss(1.0), 0.0)

    def test_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        pixels, step, batch_slice = _unpack(data)
        made = self.forward(pixels, noise_key(self.seed, step), training=False, batch_slice=batch_slice)
        values = {**made.terms, "mse": made.mse, "psnr": psnr(made.mse)}
        return self._track(values, _sums(values, batch_slice) if batch_slice else {}, batch_slice)

    def _track(
        self, values: dict[str, tf.Tensor], sums: dict[str, tf.Tensor], batch_slice: BatchSlice | None
    ) -> dict[str, tf.Tensor]:
        """Update the running means with the values of a batch; with a slice, with the `sums` of the whole batch."""
        # Means over images, not over batches: the last batch of an epoch is smaller.
        for name, tracker in self.trackers.items():
            if batch_slice:
                tracker.total.assign_add(sums[name])
                tracker.count.assign_add(tf.cast(batch_slice.batch_size, tf.float32))
            else:
                tracker.update_state(values[name])
        return {name: as_log(tracker.result()) for name, tracker in self.trackers.items()}


class VariationalAutoencoder(Autoencoder):
    """A VAE: total = reco + kl, where kl includes its weight.

    Validation weighs it with `fact`, always. So does training, unless `fact_warmup_epochs` is above 0: then the weight
    of a training step rises linearly to `fact` over so many epochs (KL annealing, Bowman et al. 2016), and `total` and
    `kl` of training are what that step minimised. It is a function of the step's number, so it survives a resume.
    """

    spec: VariationalEntry

    @property
    def term_names(self) -> tuple[str, ...]:
        return ("total", "reco", "kl")

    def encode(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        mu, logvar = self.encoder(images, training=training and self._batch_statistics)
        return mu, logvar

    def z_points(
        self, mu: tf.Tensor, logvar: tf.Tensor, key: tf.Tensor, eps_factor: tf.Tensor | float | None = None
    ) -> tf.Tensor:
        """z = mu + exp(logvar / 2) * epsilon * eps_factor, epsilon from N(0, I), clipped, drawn with `key`.

        eps_factor is the spec's unless another is given; given as a tensor, it changes without another trace.
        """
        return self._displaced(mu, logvar, _draw(mu, key), eps_factor)

    def _displaced(
        self, mu: tf.Tensor, logvar: tf.Tensor, epsilon: tf.Tensor, eps_factor: tf.Tensor | float | None = None
    ) -> tf.Tensor:
        if self.spec.eps_clip is not None:
            epsilon = tf.clip_by_value(epsilon, -self.spec.eps_clip, self.spec.eps_clip)
        return mu + tf.exp(0.5 * logvar) * epsilon * (self.spec.eps_factor if eps_factor is None else eps_factor)

    def fact_at(self, step: tf.Tensor | int) -> Any:
        """`fact`, or during warm-up fact * (step + 1) / (fact_warmup_epochs * steps_per_epoch), float64 scalar.

        So the last step of epoch e has the weight fact * e / fact_warmup_epochs. Raises ValueError where there is a
        warm-up and `steps_per_epoch` has not been set.
        """
        if not self.spec.fact_warmup_epochs:
            return self.spec.fact
        if self.steps_per_epoch is None:
            raise ValueError("steps_per_epoch: expected a count for the warm-up of fact, received None")
        share = (tf.cast(step, tf.float64) + 1.0) / (self.spec.fact_warmup_epochs * self.steps_per_epoch)
        return self.spec.fact * tf.minimum(share, 1.0)

    def forward(
        self, pixels: tf.Tensor, key: tf.Tensor, training: bool, fact: Any = None, batch_slice: BatchSlice | None = None
    ) -> Forward:
        mu, logvar = self.encode(unit_range(pixels), training)
        epsilon = local = _draw(mu, key)
        if batch_slice:
            # TensorFlow promises nowhere that a shorter draw begins like a longer one.
            epsilon = tf.random.stateless_normal((batch_slice.batch_size, mu.shape[1]), seed=key)
            local = tf.gather(epsilon, tf.minimum(batch_slice.positions(mu), batch_slice.batch_size - 1))
        logits = self.logits(self._displaced(mu, logvar, local), training)
        reco, mse = self._reconstruction(self.targets(pixels), logits)
        kl = kl_divergence(mu, logvar)
        weighted = tf.cast(self.spec.fact if fact is None else fact, kl.dtype) * kl
        return Forward({"total": reco + weighted, "reco": reco, "kl": weighted}, mse, kl, epsilon)


def noise_key(seed: int | tf.Variable, step: tf.Tensor) -> tf.Tensor:
    """The key of one step's noise, int64 (2,)."""
    return tf.stack([tf.convert_to_tensor(seed, tf.int64), tf.cast(step, tf.int64)])


def _unpack(data: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, tf.Tensor, BatchSlice | None]:
    """Images, step, and the slice of the batch that the images are; None where they are all of it."""
    pixels, step, *bounds = data
    return pixels, step, BatchSlice(*bounds) if bounds else None


def _mean(values: tf.Tensor, batch_slice: BatchSlice | None) -> tf.Tensor:
    """A replica's summand of the mean over the whole batch."""
    if not batch_slice:
        return tf.reduce_mean(values)
    return tf.reduce_sum(tf.where(batch_slice.mask(values), values, 0.0)) / tf.cast(batch_slice.batch_size, tf.float32)


def _sums(values: dict[str, tf.Tensor | None], batch_slice: BatchSlice | None) -> dict[str, tf.Tensor]:
    """Sums over the images of the whole batch, on every replica; float32 scalars. What is None is left out."""
    given = {name: value for name, value in values.items() if value is not None}
    if not batch_slice:
        return {name: tf.reduce_sum(value) for name, value in given.items()}
    local = [tf.reduce_sum(tf.where(batch_slice.mask(value), value, 0.0)) for value in given.values()]
    return dict(zip(given, tf.unstack(all_reduce(tf.stack(local))), strict=True))


def _draw(mu: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    """epsilon from N(0, I), of the shape of mu."""
    return tf.random.stateless_normal(tf.shape(mu), seed=key)


def build(
    spec: AutoencoderEntry, size: int, seed: int = 0, precision: str = "float32", layers: Layers = "fast"
) -> Autoencoder:
    """The model that an entry of params.yaml describes, for images of `size` pixels."""
    kind = VariationalAutoencoder if isinstance(spec, VariationalEntry) else Autoencoder
    return kind(spec, size, seed, precision, layers)
