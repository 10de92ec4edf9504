"""A pair of models: every measure has its interval and null, and what cannot be compared is named."""

import numpy as np
import pytest

from zpoints.analyses.similarity.measure.model_pairs import compare_pair
from zpoints.analyses.similarity.measure.model_pairs import flat
from zpoints.analyses.similarity.measure.model_pairs import neighbourhoods
from zpoints.analyses.similarity.measure.model_pairs import same_images
from zpoints.errors import UserError
from zpoints.analyses.similarity.config import Similarity

RNG = np.random.default_rng(0)
SETTINGS = Similarity(groups=10, shuffles=2, subsample=60, repeats=3, neighbours=5)
A = RNG.standard_normal((400, 4)) * [4, 3, 2, 1]
B = A + 0.5 * RNG.standard_normal((400, 4))


def compare(a, b, held_out=100):
    rows = np.arange(len(a) - held_out)
    near = [neighbourhoods(points, rows, SETTINGS) for points in (a, b)]
    radii = [np.linalg.norm(points[rows], axis=1) for points in (a, b)]
    rest = [(a[len(rows) :], b[len(rows) :])] if held_out else []
    return compare_pair(("one", "two"), [(a[rows], b[rows])], rest, radii, near, SETTINGS)


def test_every_measure_lies_in_its_interval_and_apart_from_its_null():
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
    assert found["neighbours"]["null"] == pytest.approx(5 / 59)
    assert [line["rank"] for line in spectrum] == [1, 2, 3, 4]
    assert all(line["correlation"] > 0.8 > 0.3 > line["null"] for line in spectrum)
    assert found["canonical"]["value"] == pytest.approx(np.mean([line["correlation"] for line in spectrum]))


def test_a_pair_the_other_way_round_is_the_same_pair():
    one, other = compare(A, B)[0], compare(B, A)[0]
    assert one["cka"]["value"] == pytest.approx(other["cka"]["value"])
    assert one["r2_a_to_b"]["value"] == pytest.approx(other["r2_b_to_a"]["value"])
    assert one["r2_a_to_b"]["value"] < one["r2_b_to_a"]["value"]


def test_spaces_of_unequal_z_dim_have_no_axes_in_common():
    found, _ = compare(A, np.hstack([B, B]))
    assert "unrotated" not in found and found["cka"]["value"] > 0.9


def test_without_held_out_images_there_is_no_map_to_judge():
    found, _ = compare(A, B, held_out=0)
    assert "cka" in found and "r2_a_to_b" not in found


def test_radii_of_a_scaled_copy_differ_until_they_are_scaled():
    found, _ = compare(A, 3 * A)
    assert found["radius"]["value"] > 1 and found["radius_scaled"]["value"] == pytest.approx(0, abs=1e-12)


def test_a_pair_is_one_row_of_a_table():
    assert flat({"a": "x", "cka": {"value": 1, "low": 0}}) == {"a": "x", "cka": 1, "cka_low": 0}


def test_a_collapsed_model_is_named():
    with pytest.raises(UserError, match="two: expected z-points that differ, received 300 times the same one"):
        compare(A, np.full((400, 3), 7.3))


def test_models_of_other_images_are_named():
    same_images({"one": np.zeros(5), "two": np.zeros(5)})
    for other in (np.zeros(6), np.array([0, 0, 0, 0, 1])):
        with pytest.raises(UserError, match=r"two: expected z-points of the 5 images of one, .*; encode anew"):
            same_images({"one": np.zeros(5), "two": other})


def test_too_small_a_subsample_for_its_neighbours_is_named():
    with pytest.raises(UserError, match=r"similarity\.neighbours: expected fewer than the 5 images .*, received 5"):
        neighbourhoods(A, np.arange(15), SETTINGS)


def test_subsamples_share_no_image_and_are_the_same_for_all_models():
    near = neighbourhoods(A, np.arange(400), SETTINGS)
    assert len(near) == 3 and {part.shape for part in near} == {(60, 5)}
    again = neighbourhoods(2 * A, np.arange(400), SETTINGS)
    assert all(np.array_equal(one, other) for one, other in zip(near, again, strict=True))
