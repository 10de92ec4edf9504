"""What radius a sampler should draw."""

import numpy as np
import pytest

from zpoints.analyses.samples.presentation import expected_radius


@pytest.mark.parametrize("z_dim", [1, 2, 64])
def test_expected_radius_of_the_prior_is_exact(z_dim):
    """sqrt(z_dim) is 25% too large for one axis: E|x| = sqrt(2 / pi)."""
    radii = np.linalg.norm(np.random.default_rng(0).standard_normal((100_000, z_dim)), axis=1)
    assert expected_radius("normal", z_dim) == pytest.approx((radii.mean(), radii.std()), rel=0.01)
    assert expected_radius("normal", 1)[0] == pytest.approx(np.sqrt(2 / np.pi))
