"""z-points drawn where the data's are: laws that are fitted to the cloud, and the cloud's own points."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

from zpoints.latents.cloud import Cloud
from zpoints.latents.prior import normal
from zpoints.measurement import NotMeasurable
from zpoints.stats.reference_distributions import Gaussian, subsample

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

MIXTURE_POINTS = 20_000  # EM sees no more: each of its steps costs points * components * z_dim²
MIXTURE_STEPS = 50
RIDGE = 1e-6  # of the mean variance, so that a collapsed axis does not stop EM


def shell(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    """Directions without preference, at radii of the data, float32 (images, z_dim): right but for the direction."""
    directions = normal(images, cloud.z_dim, seed).astype(np.float64)
    radii = np.linalg.norm(cloud.chosen(images, (seed, 3)).astype(np.float64), axis=1)
    return (directions * (radii / np.linalg.norm(directions, axis=1))[:, None]).astype(np.float32)


def diagonal(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    """From the Gaussian of the data's means and variances with independent axes, float32 (images, z_dim)."""
    return Gaussian.independent(cloud.moments).sample(images, (seed, 0))


def gaussian(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    """From the Gaussian of the data's mean and covariance: the draws of `normal`, stretched along principal axes."""
    return cloud.gaussian.sample(images, (seed, 0))


def elliptical(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    """From one ellipsoid with the data's own Mahalanobis radii, float32 (images, z_dim): what heavy tails explain."""
    return cloud.nulls["elliptical"].sample(images, (seed, 8))


def permuted(cloud: Cloud, images: int, seed: int) -> np.ndarray:
    """From independent principal components, each with the data's own scores, float32 (images, z_dim)."""
    return cloud.nulls["permuted"].sample(images, (seed, 9))


def core(cloud: Cloud, images: int, seed: int, n_sigma: float) -> np.ndarray:
    """The same Gaussian, each principal axis truncated to so many standard deviations about the mean.

    The draws are those of `gaussian`, pulled inwards: each keeps its rank, the quantile of a normal becomes that of
    the truncated one. Without its rare axes a point lies deeper in the cloud than almost all of the data.
    """
    from scipy.special import ndtr, ndtri

    draws = normal(images, cloud.z_dim, seed).astype(np.float64)
    tail = ndtr(-n_sigma)
    inner = ndtri(tail + (1 - 2 * tail) * ndtr(draws))
    return (cloud.gaussian.mean + inner @ cloud.gaussian.factor.T).astype(np.float32)


def mixture(cloud: Cloud, images: int, seed: int, components: int) -> np.ndarray:
    """From a mixture of so many Gaussians with full covariances, float32 (images, z_dim); see `fit_mixture`."""
    model, centre, scale = fit_mixture(cloud, components, seed)
    component = np.searchsorted(
        np.cumsum(model.weights_)[:-1], np.random.default_rng([seed, 5]).random(images), side="right"
    )
    draws = normal(images, cloud.z_dim, seed).astype(np.float64)
    factors = np.linalg.cholesky(model.covariances_)
    stretched = np.stack([factors[which] @ draw for which, draw in zip(component, draws, strict=True)])
    return (centre + scale * (model.means_[component] + stretched)).astype(np.float32)


def fit_mixture(cloud: Cloud, components: int, seed: int) -> "tuple[GaussianMixture, np.ndarray, float]":
    """A mixture fitted by EM to at most MIXTURE_POINTS of the data, about a centre (z_dim,) and in units of a scale.

    Raises NotMeasurable where the data are fewer than two for each component.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    rows = subsample(cloud.rows, MIXTURE_POINTS, (seed, 4))
    if len(rows) < 2 * components:
        needed = f"needs {2 * components} points for samplers.mixture = {components}"
        raise NotMeasurable(f"{needed}, has {len(rows)}")
    # About the mean and in units of the typical spread, so that the ridge means the same for every model.
    centre, scale = cloud.moments.mean, float(np.sqrt(np.square(cloud.moments.std).mean())) or 1.0
    model = GaussianMixture(components, reg_covar=RIDGE, max_iter=MIXTURE_STEPS, random_state=seed)
    with warnings.catch_warnings():
        # After so many steps the likelihood hardly rises, and the pictures do not tell. Points may coincide.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((cloud.mu[rows] - centre) / scale)
    return model, centre, scale


def bootstrap(cloud: Cloud, images: int, seed: int, jitter: float = 0.0) -> np.ndarray:
    """z-points of training images themselves, the same images for every model: float32 (images, z_dim).

    jitter: adds a draw of the data's covariance about 0, so many times as wide: a smoothed bootstrap, Silverman (1986).
    """
    points = cloud.chosen(images, (seed, 3))
    if not jitter:
        return points
    draws = normal(images, cloud.z_dim, seed).astype(np.float64)
    return (points + jitter * draws @ cloud.gaussian.factor.T).astype(np.float32)
