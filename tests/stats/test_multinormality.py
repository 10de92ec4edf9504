"""Henze-Zirkler's, Mardia's and Shapiro-Wilk's tests: their definitions, their level, and what they see."""

import numpy as np
import pytest

from zpoints.stats import multinormality
from zpoints.stats.multinormality import henze_zirkler, mardia_skewness, passing, whitened

RNG = np.random.default_rng(0)


def naive(sample):
    """The statistic as the paper prints it, pair by pair."""
    n, d = sample.shape
    inverse = np.linalg.inv(np.atleast_2d(np.cov(sample, rowvar=False, bias=True)))
    beta = ((2 * d + 1) * n / 4) ** (1 / (d + 4)) / np.sqrt(2)
    apart = sample[:, None] - sample
    pairs = np.einsum("ijk,kl,ijl->ij", apart, inverse, apart)
    centred = sample - sample.mean(axis=0)
    own = np.einsum("ik,kl,il->i", centred, inverse, centred)
    first = np.exp(-(beta**2) / 2 * pairs).sum() / n**2
    second = 2 * (1 + beta**2) ** (-d / 2) / n * np.exp(-(beta**2) / (2 * (1 + beta**2)) * own).sum()
    return n * (first - second + (1 + 2 * beta**2) ** (-d / 2))


@pytest.mark.parametrize("d", [1, 3])
def test_henze_zirkler_is_that_of_the_definition(monkeypatch, d):
    monkeypatch.setattr(multinormality, "ROWS", 17)
    sample = RNG.gamma(2.0, size=(60, d))
    assert 1 + henze_zirkler(whitened(sample)).excess == pytest.approx(naive(sample), rel=1e-9)


def test_mardias_skewness_is_that_of_the_definition(monkeypatch):
    monkeypatch.setattr(multinormality, "ROWS", 17)
    sample = RNG.exponential(size=(60, 3))
    centred = sample - sample.mean(axis=0)
    products = centred @ np.linalg.inv(np.cov(sample, rowvar=False, bias=True)) @ centred.T
    assert mardia_skewness(whitened(sample)) == pytest.approx((products**3).mean(), rel=1e-9)


def test_the_tests_do_not_see_an_affine_map():
    sample = RNG.standard_normal((300, 4))
    moved = sample @ RNG.standard_normal((4, 4)) * 50 + 1e3
    one, other = whitened(sample), whitened(moved)
    assert henze_zirkler(one).excess == pytest.approx(henze_zirkler(other).excess, rel=1e-6)
    assert mardia_skewness(one) == pytest.approx(mardia_skewness(other), rel=1e-6)


@pytest.mark.parametrize(("n", "d"), [(60, 2), (150, 6)])
def test_henze_zirkler_keeps_its_level_for_a_normal(n, d):
    p = np.array([henze_zirkler(whitened(RNG.standard_normal((n, d)))).p for _ in range(600)])
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.03)
    assert (p <= 0.5).mean() == pytest.approx(0.5, abs=0.09)


@pytest.mark.parametrize("law", ["heavy tails", "uniform", "two clusters", "normal along each axis alone"])
def test_what_is_no_multivariate_normal_fails(law):
    normal = RNG.standard_normal((500, 3))
    sample = {
        "heavy tails": RNG.standard_t(3, (500, 3)),
        "uniform": RNG.random((500, 3)),
        "two clusters": normal + 4 * RNG.integers(0, 2, (500, 1)),
        "normal along each axis alone": np.column_stack(
            [normal[:, 0], np.abs(normal[:, 1]) * np.sign(normal[:, 0]), normal[:, 2]]
        ),
    }[law]
    assert henze_zirkler(whitened(sample)).p < 1e-3
    if law.startswith("normal along"):
        assert passing(sample, 0.05) == 1


@pytest.mark.slow
def test_excess_keeps_its_digits_in_many_dimensions():
    normal = [henze_zirkler(whitened(RNG.standard_normal((400, 120)))).excess for _ in range(8)]
    heavy = RNG.standard_normal((400, 120)) / np.sqrt(RNG.chisquare(20, (400, 1)) / 20)
    assert max(map(abs, normal)) < 1e-6 and len(set(normal)) == 8
    assert henze_zirkler(whitened(heavy)).excess > 4 * max(map(abs, normal))


def test_shapiro_wilk_passes_normal_axes_alone():
    sample = RNG.standard_normal((400, 60)) * np.arange(1, 61)
    assert passing(sample, 0.05) == 1
    sample[:, :15] = RNG.exponential(size=(400, 15))
    assert passing(sample, 0.05) == 0.75
