"""The page's expectations hold for what the samplers really draw."""

import numpy as np
import pytest

from zpoints.config.samplers import Sampling
from zpoints.report.facts import expected_radius
from zpoints.report.facts import part_totals
from zpoints.report.facts import sigma
from zpoints.latents.cloud import Cloud
from zpoints.latents.samplers import samplers

MU = np.zeros((10, 256), np.float32)


@pytest.mark.parametrize("sampler", ["normal", "uniform_2", "uniform_0.5", "uniform_10"])
def test_the_expected_radius_is_that_of_the_sampler(sampler):
    draw = samplers(Sampling(uniform=(2.0, 0.5, 10.0)))[sampler]
    norms = np.linalg.norm(draw(Cloud(MU, np.arange(10)), 2000, 0), axis=1)
    mean, std = expected_radius(sampler, 256)
    assert norms.mean() == pytest.approx(mean, rel=0.005)
    assert norms.std() == pytest.approx(std, rel=0.06)


def test_a_sampler_that_follows_the_data_has_no_expectation():
    assert expected_radius("gaussian", 256) is None


def test_sigma_undoes_logvar():
    assert sigma(np.log(0.25)) == pytest.approx(0.5)


def test_parts_add_up():
    layers = [
        {"part": part, "parameters": count} for part, count in (("encoder", "2"), ("encoder", "3"), ("decoder", "4"))
    ]
    assert part_totals(layers) == {"encoder": 5, "decoder": 4}
