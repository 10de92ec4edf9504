"""mu, logvar and z against arrays whose answer is known."""

import numpy as np
import pytest

from zpoints.analyses.posterior.method.posterior import (
    describe_displacement,
    describe_logvar,
    logvar_histogram,
    moments,
    per_axis,
    quantiles,
)

RNG = np.random.default_rng(0)
ROWS = np.arange(5_000)


def test_moments_find_an_off_centre_cloud():
    scales = np.array([0.09, 1.0, 3.0])
    mu = (np.array([3.0, 4.0, 0.0]) + scales * RNG.standard_normal((5_000, 3))).astype(np.float32)
    described = moments(mu, ROWS)
    assert described["active"] == 2
    assert described["norm_of_mean"] == pytest.approx(5, rel=0.03)
    assert described["std_min"] == pytest.approx(0.09, rel=0.05)
    assert described["std_max"] == pytest.approx(3.0, rel=0.05)
    assert described["std_mean"] == pytest.approx(4.09 / 3, rel=0.05)


def test_logvar_is_described_over_given_rows():
    logvar = RNG.normal(-13, 2, (5_000, 4)).astype(np.float32)
    logvar[-1] = 100
    described = describe_logvar(logvar, ROWS[:-1], ((-15, -13), (-13, 0)))
    assert described["mean"] == pytest.approx(-13, abs=0.1)
    assert described["max"] < 0 and described["quantile"]["0.5"] == pytest.approx(-13, abs=0.1)
    assert logvar[-1, 0] == 100, "the array itself is left alone"
    inside = logvar[:-1]
    assert described["count"] == {
        "-15 to -13": int(((inside >= -15) & (inside < -13)).sum()),
        "-13 to 0": int(((inside >= -13) & (inside < 0)).sum()),
    }


def test_counts_are_of_half_open_intervals():
    logvar = np.array([[-2.0, -1.0, -1.0, 0.0]], np.float32)
    assert describe_logvar(logvar, np.arange(1), ((-2, -1), (-1, 0)))["count"] == {"-2 to -1": 1, "-1 to 0": 2}


@pytest.mark.parametrize("chunk", [100, 8192])
@pytest.mark.parametrize("centre", [-13, 0, 1e-3])
def test_quantiles_are_numpys(monkeypatch, chunk, centre):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    values = RNG.normal(centre, 2, (1_001, 4)).astype(np.float32)
    values[::7] = np.round(values[::7])  # ties, zeros of both signs
    levels = (0, 0.001, 0.05, 0.5, 0.77, 0.999, 1)
    rows = np.arange(3, 1_001)
    np.testing.assert_allclose(quantiles(values, rows, levels), np.quantile(values[rows].astype(float), levels))


@pytest.mark.parametrize("chunk", [100, 8192])
def test_histogram_counts_every_component_once(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    logvar = RNG.normal(-13, 3, (5_000, 4)).astype(np.float32)
    edges, counts = logvar_histogram(logvar, ROWS, 0.5)
    expected, _ = np.histogram(logvar, bins=np.append(edges, edges[-1] + 0.5))
    np.testing.assert_array_equal(counts, expected)
    assert counts.sum() == logvar.size and counts[0] > 0 and counts[-1] > 0


def test_displacement_finds_the_component_that_moved():
    mu = np.zeros((5_000, 4), np.float32)
    mu[:, 0] = 10
    z = mu.copy()
    z[17, 0] += 0.2
    described = describe_displacement(mu, z, ROWS, 0.05)
    assert described["component_max"] == pytest.approx(0.2, rel=1e-5)
    assert described["components_beyond"] == {"0.05": 1} and described["components"] == 20_000
    assert described["radius_change_max"] == pytest.approx(0.2, rel=1e-5)
    assert described["radius_change_relative_max"] == pytest.approx(0.02, rel=1e-5)
    assert described["radius_change_relative_mean"] == pytest.approx(0.02 / 5_000, rel=1e-5)


def test_posterior_that_matches_the_prior_is_balanced():
    mu = (np.sqrt(0.75) * RNG.standard_normal((5_000, 3))).astype(np.float32)
    logvar = np.full((5_000, 3), np.log(0.25), np.float32)
    np.testing.assert_allclose(per_axis(mu, logvar, ROWS)["balance"], 1, rtol=0.06)
    np.testing.assert_allclose(per_axis(2 * mu, logvar, ROWS)["balance"], 3.25, rtol=0.06)


@pytest.mark.parametrize("chunk", [64, 8192])
def test_each_axis_is_described_as_numpy_would(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    mu = RNG.normal([0, 3, 1000, 0], [1, 0.2, 0.12, 0.05], (5_000, 4)).astype(np.float32)
    logvar = RNG.normal([-1, -5, -13, 0], [0.5, 1, 2, 0.01], (5_000, 4)).astype(np.float32)
    rows = ROWS[10:4_000]
    described = per_axis(mu, logvar, rows)
    m, v = mu[rows].astype(float), logvar[rows].astype(float)
    expected = {
        "mean": m.mean(axis=0),
        "std": m.std(axis=0),
        "logvar_mean": v.mean(axis=0),
        "logvar_std": v.std(axis=0),
        "logvar_min": v.min(axis=0),
        "logvar_max": v.max(axis=0),
        "balance": (m**2 + np.exp(v)).mean(axis=0),
        "kl": 0.5 * (m**2 + np.exp(v) - 1 - v).mean(axis=0),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(described[name], values, rtol=1e-9, err_msg=name)
    assert described["active"].tolist() == [1, 1, 1, 0]
