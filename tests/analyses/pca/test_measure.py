"""The shape of clouds that are known, measured, drawn and told."""

from dataclasses import replace

import numpy as np
import pytest

from tests.analyses.sections import results_of, section
from zpoints.analyses import pca
from zpoints.latents.store import Latents

CONFIG = pca.Config(subsample=100, n_plotted=50)


def plain(points):
    points = points.astype(np.float32)
    return Latents("ae", "none", points, None, points, np.zeros(len(points), np.uint8))


@pytest.fixture(scope="module")
def measurement():
    mu = np.random.default_rng(0).standard_normal((600, 6)) * [3, 1, 1, 1, 1, 0] + [0, 0, 0, 0, 0, 7]
    mu[:, 1] += mu[:, 0]
    return pca.measure(plain(mu), CONFIG)


def test_correlated_axes_need_fewer_components(measurement):
    numbers, spectrum = measurement.numbers, measurement.tables["pca"]
    assert numbers["mu"]["participation_ratio"] < numbers["independent"]["participation_ratio"]
    assert numbers["neighbourhood"]["points"] == 100
    assert spectrum["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert spectrum[["cumulative", "independent_cumulative"]].iloc[-1].to_numpy() == pytest.approx([1, 1])
    assert spectrum["variance"][0] > spectrum["independent_variance"][0]


def test_scores_have_the_variances_of_the_spectrum(measurement):
    scores, variances = measurement.tables["scores"], measurement.tables["pca"]["variance"]
    assert len(scores) == 50
    np.testing.assert_allclose(scores["first"].var() / variances[0], 1, atol=0.5)
    np.testing.assert_allclose(scores["null_second"].var() / variances[1], 1, atol=0.5)


def test_section_has_the_numbers_of_each_model(measurement):
    results = results_of("pca", {"a": measurement}, models=("a", "b"))
    results = replace(results, rows={name: row | {"z_dim": 6} for name, row in results.rows.items()})
    html, drawings = section("pca", results)
    count = measurement.numbers["mu"]["components"]["0.95"]
    independent = measurement.numbers["independent"]["components"]["0.95"]
    assert f"<td>{count} of 6" in html and f"uncorrelated {independent}" in html
    assert f"{measurement.numbers['neighbourhood']['distance']['ratio']['mean']:.3f}" in html
    assert drawings["spectrum"].alt.endswith(f"Axes for 95%: {count} for a")
    assert drawings["scores"].alt.startswith("z-points of a along")
