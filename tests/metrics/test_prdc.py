"""Density, coverage, precision and recall: by hand, and where the papers know the answer."""

import numpy as np
import pytest

from zpoints.measurement import NotMeasurable
from zpoints.metrics import prdc as neighbourhoods
from zpoints.metrics.prdc import Neighbourhoods, kth_distances
from zpoints.stats.confidence import jackknife

RNG = np.random.default_rng(0)


def scores(fakes, reals, **options):
    return {name: score.value for name, score in Neighbourhoods.of(reals, **options).scores(fakes).items()}


def test_distances_to_the_kth_other_point_are_those_of_a_loop(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "BLOCK", 7)
    points = RNG.standard_normal((30, 3))
    points[4] = points[20]
    expected = np.sort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)[:, [2, 5]]
    np.testing.assert_allclose(kth_distances(points, (2, 5))[:, 0].T, expected, atol=1e-7)


def test_groups_left_out_are_those_of_smaller_sets(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "BLOCK", 33)
    points = RNG.standard_normal((130, 3))
    kept = np.arange(130) % 20 != 4
    without = kth_distances(points, (2, 5))[:, 5]
    np.testing.assert_allclose(without[:, kept], kth_distances(points[kept], (2, 5))[:, 0])
    assert (without[:, ~kept] == -np.inf).all()


def test_jackknife_is_that_of_smaller_sets(monkeypatch):
    """Each score without a group, from sets without it, gives the same interval."""
    monkeypatch.setattr(neighbourhoods, "BLOCK", 33)
    monkeypatch.setattr(neighbourhoods, "refuse_too_few", lambda *_: None)
    reals, fakes = RNG.standard_normal((110, 2)), 0.5 + RNG.standard_normal((140, 2))
    found = Neighbourhoods.of(reals).scores(fakes)
    kept = [(np.arange(110) % 20 != g, np.arange(140) % 20 != g) for g in range(20)]
    smaller = [scores(fakes[fake], reals[real]) for real, fake in kept]
    for name, score in found.items():
        low, high = jackknife(score.value, np.array([part[name] for part in smaller]))
        assert score.low == pytest.approx(max(low, 0))
        assert score.high == pytest.approx(high if name in ("density", "nearest_real") else min(high, 1))


def test_shares_of_all_and_of_none_have_intervals_of_some_width():
    reals = RNG.standard_normal((200, 4))
    for fakes, end in ((reals, 1), (reals + 50, 0)):
        precision = Neighbourhoods.of(reals).scores(fakes)["precision"]
        assert precision.value == end and precision.high - precision.low == pytest.approx(0.0189, abs=1e-3)


def test_scores_are_those_of_their_definitions(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "BLOCK", 33)
    reals, fakes = RNG.standard_normal((110, 2)), 0.5 + RNG.standard_normal((140, 2))
    found = scores(fakes, reals, neighbours=4, manifold=2)

    def radius(points, place, k):
        return sorted(np.linalg.norm(points - points[place], axis=1))[k]

    near = np.array([[np.linalg.norm(fake - real) for real in reals] for fake in fakes])
    dense = np.array([radius(reals, place, 4) for place in range(110)])
    support = np.array([radius(reals, place, 2) for place in range(110)])
    own = np.array([radius(fakes, place, 2) for place in range(140)])
    assert found["density"] == pytest.approx((near <= dense).sum() / (4 * 140))
    assert found["coverage"] == pytest.approx((near <= dense).any(axis=0).mean())
    assert found["precision"] == pytest.approx((near <= support).any(axis=1).mean())
    assert found["recall"] == pytest.approx((near <= own[:, None]).any(axis=0).mean())
    assert found["nearest_real"] == pytest.approx(near.min(axis=1).mean() / np.sqrt(2))


def test_two_draws_of_one_law_have_density_1_and_cover_all_but_2_to_the_minus_k():
    found = scores(RNG.standard_normal((1200, 4)), RNG.standard_normal((1200, 4)))
    assert found["density"] == pytest.approx(1, abs=0.06)
    assert found["coverage"] == pytest.approx(1 - 2**-5, abs=0.01)


def test_a_copy_of_the_reals_covers_them_all_and_lies_at_no_distance():
    reals = RNG.standard_normal((200, 4))
    found = scores(reals, reals)
    assert found["coverage"] == found["precision"] == found["recall"] == 1
    assert found["nearest_real"] == pytest.approx(0, abs=1e-6)


def test_a_collapsed_set_is_precise_and_covers_nothing_and_a_set_elsewhere_is_neither():
    reals = RNG.standard_normal((300, 4))
    one = scores(np.repeat(reals[:1] * 0.01, 300, axis=0), reals)
    assert one["precision"] == 1 and one["coverage"] < 0.2 and one["recall"] < 0.01
    away = scores(reals + 50, reals)
    assert away["density"] == away["coverage"] == away["precision"] == away["recall"] == 0


def test_half_of_two_modes_is_precise_and_recalls_half():
    reals = RNG.standard_normal((400, 2)) + np.repeat([[0, 0], [30, 0]], 200, axis=0)
    found = scores(RNG.standard_normal((400, 2)), reals)
    assert found["precision"] > 0.9 and found["recall"] == pytest.approx(0.5, abs=0.05) and found["coverage"] <= 0.5


def test_intervals_hold_the_value_and_narrow_with_more_images():
    reals = RNG.standard_normal((1000, 3))
    few, many = (Neighbourhoods.of(reals).scores(RNG.standard_normal((n, 3)))["density"] for n in (100, 1000))
    assert few.low < few.value < few.high and many.high - many.low < 0.5 * (few.high - few.low)


@pytest.mark.parametrize(("fakes", "reals"), [(99, 200), (200, 99)])
def test_too_few_images_are_not_measurable(fakes, reals):
    with pytest.raises(NotMeasurable, match="needs at least 100 images on each side, has 99"):
        scores(RNG.standard_normal((fakes, 2)), RNG.standard_normal((reals, 2)))
