"""A pair of models: every measure has its interval and null, and what cannot be compared is named."""

import numpy as np
import pytest

from zpoints.analyses.similarity.config import Config
from zpoints.analyses.similarity.method.model_pairs import (
    compare_pair,
    expect_same_images,
    flat,
    neighbourhoods,
    subsamples,
)
from zpoints.errors import UserError
from zpoints.measurement import NotMeasurable

RNG = np.random.default_rng(0)
CONFIG = Config(n_groups=10, n_permutations=99, subsample=60, n_repeats=3, n_neighbors=5)
A = RNG.standard_normal((400, 4)) * [4, 3, 2, 1]
B = A + 0.5 * RNG.standard_normal((400, 4))


def compare(a, b, held_out=100):
    rows = np.arange(len(a) - held_out)
    near = [neighbourhoods(points, rows, CONFIG) for points in (a, b)]
    radii = [np.linalg.norm(points[rows], axis=1) for points in (a, b)]
    rest = [(a[len(rows) :], b[len(rows) :])] if held_out else []
    part = subsamples(rows, CONFIG)[0]
    return compare_pair(("one", "two"), [(a[rows], b[rows])], rest, radii, near, (a[part], b[part]), CONFIG)


def test_measures_lie_in_their_intervals():
    found, spectrum = compare(A, B)
    measures = {
        *("cka", "procrustes", "unrotated", "procrustes_scaled", "canonical"),
        *("neighbours", "radius", "radius_scaled", "r2_a_to_b", "r2_b_to_a"),
    }
    assert set(found) == measures
    for name, measure in found.items():
        assert measure["low"] <= measure["value"] <= measure["high"], name
        if not name.startswith("radius"):
            assert not measure["low"] <= measure["null"] <= measure["high"], name
        assert measure["p"] == 0.01 or name.startswith("radius"), name
    assert found["neighbours"]["null"] == pytest.approx(5 / 59)
    assert [line["rank"] for line in spectrum] == [1, 2, 3, 4]
    assert all(line["correlation"] > 0.8 > 0.3 > line["null"] for line in spectrum)
    assert found["canonical"]["value"] == pytest.approx(np.mean([line["correlation"] for line in spectrum]))


def test_order_of_a_pair_does_not_matter():
    one, other = compare(A, B)[0], compare(B, A)[0]
    assert one["cka"]["value"] == pytest.approx(other["cka"]["value"])
    assert one["r2_a_to_b"]["value"] == pytest.approx(other["r2_b_to_a"]["value"])
    assert one["r2_a_to_b"]["value"] < one["r2_b_to_a"]["value"]


def test_unequal_z_dim_has_no_unrotated_distance():
    found, _ = compare(A, np.hstack([B, B]))
    assert "unrotated" not in found and found["cka"]["value"] > 0.9


def test_no_held_out_images_no_r2():
    found, _ = compare(A, B, held_out=0)
    assert "cka" in found and "r2_a_to_b" not in found


def test_scaled_radii_of_scaled_copy_agree():
    found, _ = compare(A, 3 * A)
    assert found["radius"]["value"] > 1 and found["radius_scaled"]["value"] == pytest.approx(0, abs=1e-12)


def test_pair_is_one_row():
    assert flat({"a": "x", "cka": {"value": 1, "low": 0}}) == {"a": "x", "cka": 1, "cka_low": 0}


def test_collapsed_model_is_named():
    with pytest.raises(NotMeasurable, match="needs z-points that differ, has 300 times the same one of two"):
        compare(A, np.full((400, 3), 7.3))


def test_models_of_other_images_are_named():
    expect_same_images({"one": np.zeros(5), "two": np.zeros(5)})
    for other in (np.zeros(6), np.array([0, 0, 0, 0, 1])):
        with pytest.raises(UserError, match=r"two: expected z-points of the 5 images of one, .*; encode anew"):
            expect_same_images({"one": np.zeros(5), "two": other})


def test_too_few_images_for_the_subsamples():
    with pytest.raises(NotMeasurable, match="needs 18 training images for 5 neighbours in 3 subsamples, has 15"):
        neighbourhoods(A, np.arange(15), CONFIG)


def test_subsamples_are_the_same_for_all_models():
    near = neighbourhoods(A, np.arange(400), CONFIG)
    assert len(near) == 3 and {part.shape for part in near} == {(60, 5)}
    again = neighbourhoods(2 * A, np.arange(400), CONFIG)
    assert all(np.array_equal(one, other) for one, other in zip(near, again, strict=True))
