"""The curvature of the reconstruction loss along each axis of z, and the law of a VAE's noise.

**The law.** A VAE decodes z = mu + e sigma epsilon (e is eps_factor, epsilon from N(0, I)) and minimises

    E[reco(z)] + fact * 1/2 * sum_j (mu_j^2 + sigma_j^2 - 1 - ln sigma_j^2),

with reco summed over the pixels and averaged over the channels. For any reco, dE[reco(z)] / d(sigma_j^2) is
e^2 / 2 * E[d^2 reco / dz_j^2] (Price 1958; Rezende et al. 2014, eq. 8), so that at a stationary point

    e^2 H_j + fact - fact / sigma_j^2 = 0,   logvar_j = ln(fact / (e^2 H_j + fact)),   H_j = E[d^2 reco / dz_j^2].

Both terms carry the same 1/2, which cancels. The law is exact however large the noise is, if H_j is the mean over the
noise; for small noise that is H_j at mu. An encoder with one logvar per image and axis could follow the H_j of
each image: `image_correlation` says how far it does. The curve of ln(fact / (e^2 H_j + fact)) with H_j the mean over
the images is exact where logvar is constant per axis. At any stationary point, whatever the encoder, moving all
logvar_j of one axis together gains nothing, so that over images x

    E_x[sigma_j^2 (e^2 H_j + fact)] = fact.

`law_ratio` is the left side over the right: 1 where the noise has converged, above it where it is still too large.

**How H_j is measured.** The decoder up to its logits is piecewise linear: convolutions, LeakyReLU, and batch
normalization as at inference. Within a piece the diagonal of the Hessian is exactly sum w (dl / dz_j)^2 over all logits
l, w the second derivative of the loss to a logit. `curvatures` computes it without approximation, by forward-mode
derivatives along all axes. Where pieces meet, the slope of reco jumps, which no second derivative sees and a mean over
noise does: `noisy_curvatures` measures that mean as it enters the law, from first derivatives alone. It has a sampling
error, which is stated beside it.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from zpoints.models.autoencoder import Autoencoder, unit_range
from zpoints.models.networks import CHANNELS
from zpoints.progress import track

BATCH = 64


def bend(loss: str, images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Second derivative of the loss of one value to its logit, of the logits' shape: w above times the channels."""
    p = tf.sigmoid(logits)
    slope = p * (1 - p)
    if loss == "bce":
        return slope
    return 2 * (tf.square(slope) + (p - images) * slope * (1 - 2 * p))


def pull(loss: str, images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """First derivative of the loss of one value to its logit, of the logits' shape."""
    p = tf.sigmoid(logits)
    return p - images if loss == "bce" else 2 * (p - images) * p * (1 - p)


def curvatures(model: Autoencoder, pixels: np.ndarray, z: np.ndarray, label: str = "curvature") -> np.ndarray:
    """d^2 reco / dz_j^2 of each image at its z, exact within the linear piece of the decoder that z lies in.

    Args: pixels, uint8 (n, size, size, 3); z, float32 (n, z_dim). Returns: float64 (n, z_dim).
    Costs about as much as n * z_dim decoded images.
    """
    axes = tf.eye(model.spec.z_dim)

    @tf.function(autograph=False, reduce_retracing=True)
    def of_one(image: tf.Tensor, point: tf.Tensor) -> tf.Tensor:
        target = model.targets(image)

        def along(axis: tf.Tensor) -> tf.Tensor:
            with tf.autodiff.ForwardAccumulator(point, axis[tf.newaxis]) as forward:
                logits = model.logits(point)
            weights = bend(model.spec.loss, target, logits) / CHANNELS
            return tf.reduce_sum(weights * tf.square(forward.jvp(logits)))

        # The point itself is decoded once for all axes, not once for each.
        return tf.vectorized_map(along, axes)

    rows = [
        of_one(tf.constant(pixels[at : at + 1]), tf.constant(z[at : at + 1])).numpy()
        for at in track(range(len(z)), label=label)
    ]
    return np.array(rows, np.float64)


def noisy_curvatures(
    model: Autoencoder, pixels: np.ndarray, mu: np.ndarray, sigma: np.ndarray, n_draws: int, seed: tuple[int, ...]
) -> np.ndarray:
    """Mean of d^2 reco / dz_j^2 over the noise z = mu + sigma epsilon, kinks included, estimated for each image.

    By Stein's lemma (1981) it is E[epsilon_j g_j(z)] / sigma_j, g the gradient of reco. epsilon and -epsilon are used
    together, so that what is constant or even in g cancels. In the limit of small noise this is Hutchinson's estimator
    (1990) with probes sigma epsilon.

    Args: pixels, uint8 (n, size, size, 3); mu and sigma > 0, float32 (n, z_dim); n_draws, pairs of points per image.
    Returns: float64 (n, z_dim), each with an error of its own: their mean over the images is what can be used.
    """

    @tf.function(autograph=False, reduce_retracing=True)
    def gradient(images: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(z)
            logits = model.logits(z)
        slopes = pull(model.spec.loss, model.targets(images), logits) / CHANNELS
        return tape.gradient(logits, z, output_gradients=slopes)

    rng = np.random.default_rng(seed)
    total = np.zeros(mu.shape)
    for _ in track(range(n_draws), label="curvature over the noise"):
        for start in range(0, len(mu), BATCH):
            part = slice(start, start + BATCH)
            epsilon = rng.standard_normal(mu[part].shape, np.float32)
            step = sigma[part] * epsilon
            images = tf.constant(pixels[part])
            ahead, behind = (gradient(images, tf.constant(mu[part] + way * step)).numpy() for way in (1, -1))
            total[part] += (ahead - behind).astype(np.float64) * epsilon / (2 * sigma[part])
    return total / n_draws


def noise_cost(
    model: Autoencoder, pixels: np.ndarray, mu: np.ndarray, step: np.ndarray, n_draws: int, seed: tuple[int, ...]
) -> np.ndarray:
    """Mean of reco(mu + step epsilon) - reco(mu) over the noise, for each image in nats (bce), float64 (n,)."""

    @tf.function(autograph=False, reduce_retracing=True)
    def reco(images: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
        logits, target = model.logits(z), model.targets(images)
        if model.spec.loss == "bce":
            terms = tf.nn.sigmoid_cross_entropy_with_logits(target, logits)
        else:
            terms = tf.square(target - tf.sigmoid(logits))
        return tf.reduce_sum(terms, axis=(1, 2, 3)) / CHANNELS

    rng = np.random.default_rng(seed)
    cost = np.zeros(len(mu))
    for start in range(0, len(mu), BATCH):
        part = slice(start, start + BATCH)
        images = tf.constant(pixels[part])
        base = reco(images, tf.constant(mu[part])).numpy().astype(np.float64)
        for _ in range(n_draws):
            move = step[part] * rng.standard_normal(mu[part].shape, np.float32)
            # In pairs: the linear part of the loss cancels, and small noise leaves more than rounding.
            both = [reco(images, tf.constant(mu[part] + way * move)).numpy() for way in (1, -1)]
            cost[part] += np.mean(both, axis=0, dtype=np.float64) - base
    return cost / n_draws


def predicted_logvar(curvature: np.ndarray, fact: float, eps_factor: float = 1.0) -> np.ndarray:
    """ln(fact / (e^2 H + fact)) of the law, float64 of the curvature's shape; fact must be above 0.

    A mean over few draws may be below -fact on a flat axis; the law has no answer there, and 0 curvature is taken.
    """
    return -np.log1p(eps_factor**2 * np.maximum(curvature, 0) / fact)


def law_ratio(curvature: np.ndarray, logvar: np.ndarray, fact: float, eps_factor: float = 1.0) -> np.ndarray:
    """sigma^2 (e^2 H + fact) / fact of each image and axis, float64 (n, z_dim): its mean over images is 1 by the law.

    curvature: of each image, mean over the noise, (n, z_dim); its sampling error leaves the mean as it is.
    """
    return np.exp(logvar.astype(np.float64)) * (eps_factor**2 * curvature / fact + 1)


def image_correlation(logvar: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Pearson's correlation over the images of each axis, both (n, axes): float64 (axes,), 0 where one is constant."""
    logvar, predicted = (values - values.mean(axis=0, dtype=np.float64) for values in (logvar, predicted))
    scale = np.sqrt(np.square(logvar).sum(axis=0) * np.square(predicted).sum(axis=0))
    return np.where(scale > 0, (logvar * predicted).sum(axis=0) / np.where(scale > 0, scale, 1), 0.0)


def law(measured: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """How well a prediction of mean logvar per axis holds; both float64 (axes,).

    `difference` is the mean of measured - predicted, `difference_std` its scatter over the axes. slope (least squares,
    measured on predicted) and correlation are left out where an axis is as another.
    """
    difference = measured - predicted
    fit = {"difference": float(difference.mean()), "difference_std": float(difference.std())}
    if len(measured) > 2 and min(measured.std(), predicted.std()) > 1e-9:
        covariance = float(np.mean((measured - measured.mean()) * (predicted - predicted.mean())))
        fit["slope"] = covariance / float(predicted.var())
        fit["correlation"] = covariance / float(predicted.std() * measured.std())
    return fit


def summary(curvature: np.ndarray) -> dict[str, float]:
    """Least, mean and largest curvature of the axes, and the geometric mean, which belongs to a mean logvar."""
    described = {"mean": float(curvature.mean()), "min": float(curvature.min()), "max": float(curvature.max())}
    if curvature.min() > 0:
        described["geometric_mean"] = float(np.exp(np.log(curvature).mean()))
    return described


def encoded(model: Autoencoder, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """mu and, for a VAE, logvar of uint8 images (n, size, size, 3); float32 (n, z_dim) each."""
    parts: list[Any] = [
        model.encode(unit_range(tf.constant(pixels[start : start + BATCH]))) for start in range(0, len(pixels), BATCH)
    ]
    mu = np.concatenate([part[0].numpy() for part in parts])
    if parts[0][1] is None:
        return mu, None
    return mu, np.concatenate([part[1].numpy() for part in parts])
