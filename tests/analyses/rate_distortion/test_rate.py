"""Rates and information of Gaussian encoders, of which both are known."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from zpoints.analyses.rate_distortion.method.rate import axis_divergences, mutual_information


def gaussian_encoder(sigma, shift=0.0, z_dim=1, images=4000):
    """mu and logvar with which q(z) is N(shift, I): one axis after the other tells -ln(sigma) nats of its image."""
    x = np.random.default_rng(1).standard_normal((images, z_dim))
    mu = np.sqrt(1 - sigma**2) * x + shift
    return mu, np.full_like(mu, 2 * np.log(sigma))


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (1.0, 0.5), (-2.0, 3.0)])
def test_divergence_is_the_integral(mu, sigma):
    q, p = norm(mu, sigma), norm()
    expected, _ = quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), mu - 12 * sigma, mu + 12 * sigma)
    divergence = axis_divergences(np.array([[mu]], np.float32), np.array([[2 * math.log(sigma)]]))
    assert divergence[0, 0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("sigma", "z_dim"), [(0.9, 1), (0.5, 1), (0.5, 3), (0.2, 1)])
def test_information_of_a_gaussian_channel(sigma, z_dim):
    found = mutual_information(*gaussian_encoder(sigma, z_dim=z_dim), (0,))
    # 5 standard errors: z has the noise of 4,000 images, and log q(z | x) - log q(z) a spread of about 1 an axis.
    assert found["value"] == pytest.approx(-z_dim * math.log(sigma), abs=5 * math.sqrt(z_dim / 4000))
    assert found["to_prior"] == pytest.approx(0, abs=5 * math.sqrt(z_dim / 4000))


def test_shifted_posterior_is_far_from_the_prior():
    found = mutual_information(*gaussian_encoder(0.5, shift=3.0), (0,))
    assert found["value"] == pytest.approx(math.log(2), abs=0.08)
    assert found["to_prior"] == pytest.approx(3**2 / 2, abs=0.2)
    assert found["rate"] == pytest.approx(found["value"] + found["to_prior"])


def test_information_ends_at_the_log_of_the_images():
    mu, logvar = gaussian_encoder(1e-4, z_dim=8, images=300)
    found = mutual_information(mu + 100, logvar, (0,))
    assert found["value"] == pytest.approx(math.log(300), abs=1e-6) and found["value"] <= found["limit"]


def test_collapsed_encoder_tells_nothing():
    found = mutual_information(np.zeros((500, 4)), np.zeros((500, 4)), (0,))
    assert found["value"] == pytest.approx(0, abs=1e-9) and found["rate"] == 0
