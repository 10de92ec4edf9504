"""Cells tell a planted attribute and no noise, and what any cut tells is no finding."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score, mutual_info_score

from zpoints.analyses.clusters.method import cluster_labels as module
from zpoints.analyses.clusters.method.cluster_labels import agreement, describe, information, matching, tables, varying

RNG = np.random.default_rng(0)
CELLS = RNG.integers(0, 6, 2_000)
PLANTED = (CELLS == 2).astype(np.uint8)
FAINT = ((CELLS < 3) & (RNG.random(2_000) < 0.3)).astype(np.uint8)
NOISE = (RNG.random((2_000, 5)) < [0.02, 0.2, 0.5, 0.8, 0.98]).astype(np.uint8)
LABELS = np.column_stack([PLANTED, FAINT, NOISE])


def test_information_is_scikit_learns():
    sizes, positive = tables(CELLS, LABELS)
    expected = [mutual_info_score(CELLS, column) for column in LABELS.T]
    np.testing.assert_allclose(information(positive, sizes), expected, atol=1e-12)
    adjusted = [adjusted_mutual_info_score(CELLS, column, average_method="min") for column in LABELS.T]
    np.testing.assert_allclose(agreement(CELLS, LABELS, 99, (0,)).adjusted, adjusted)


@pytest.mark.parametrize("draws", [64, 1000])
def test_planted_attribute_is_found_noise_is_not(monkeypatch, draws):
    monkeypatch.setattr(module, "DRAWS", draws)
    found = agreement(CELLS, LABELS, 999, (0,))
    assert found.adjusted[0] == pytest.approx(1) and 0.1 < found.adjusted[1] < 0.5
    assert found.p[:2].tolist() == [1 / 1000] * 2 and (found.p_holm[:2] <= 0.05).all()
    assert (found.p_holm[2:] > 0.05).all() and np.abs(found.adjusted[2:]).max() < 0.02


def test_p_is_uniform_for_labels_that_are_noise():
    noise = (RNG.random((300, 400)) < 0.3).astype(np.uint8)
    p = agreement(RNG.integers(0, 5, 300), noise, 199, (0,)).p
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.04) and (p <= 0.5).mean() == pytest.approx(0.5, abs=0.1)


def test_drawn_tables_have_the_law_of_shuffled_labels():
    cells, label = RNG.integers(0, 4, 120), (RNG.random(120) < 0.3).astype(np.uint8)
    sizes, _ = tables(cells, label[:, None])
    shuffled = [information(tables(cells, RNG.permutation(label)[:, None])[1], sizes)[0] for _ in range(2_000)]
    found = agreement(cells, label[:, None], 4_000, (0,))
    own = found.information[0]
    assert found.p[0] == pytest.approx(np.mean(np.array(shuffled) >= own - 1e-12), abs=0.04)


def test_constant_attributes_are_left_out():
    assert varying(np.array([[0, 1, 0], [0, 1, 1]], np.uint8)).tolist() == [2]


def test_matching_is_1_for_equal_sets():
    one_hot = np.eye(6, dtype=np.uint8)[CELLS]
    assert matching(CELLS, one_hot) == 1
    assert matching(RNG.permutation(CELLS), one_hot) < 0.2
    twice = np.column_stack([PLANTED, PLANTED])
    assert matching(CELLS, twice) == pytest.approx(0.5, abs=0.01)


def test_any_partition_predicts_smooth_labels():
    plane = RNG.standard_normal((3_000, 2))
    smooth = (plane @ RNG.standard_normal((2, 8)) > 0).astype(np.uint8)
    cuts = [np.argmin(((plane[:, None] - RNG.standard_normal((8, 2))) ** 2).sum(axis=2), axis=1) for _ in range(6)]
    names = [f"a{column}" for column in range(8)]
    found, rows = describe(cuts[:3], cuts[3:], smooth, names, n_permutations=999, alpha=0.05, seed=(0,))
    assert found["beyond_chance"] == found["attributes"] == 8 and found["constant_attributes"] == 0
    assert found["adjusted"]["mean"] == pytest.approx(found["adjusted"]["cells_of_a_gaussian"], rel=0.4)
    assert found["adjusted"]["mean"] > 0.2 and found["matching"]["shuffled"] < found["matching"]["mu"]
    assert [row["attribute"] for row in rows] == names and tuple(rows[0]) == module.COLUMNS
