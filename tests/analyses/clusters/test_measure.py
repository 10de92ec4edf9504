"""Planted clusters that are their labels: measured, drawn and told."""

import numpy as np
import pytest
from pydantic import ValidationError

from tests.analyses.sections import results_of, section
from zpoints.analyses import clusters
from zpoints.config.block import ConfigError
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import NotMeasurable

CONFIG = clusters.Config(k=(2, 3, 4, 6, 8), k_labels=4, n_silhouette=100, n_permutations=999, n_init=3, n_nulls=4)
NAMES = ("c0", "c1", "c2", "c3", "noise", "all")


@pytest.fixture(scope="module")
def planted():
    """Four clusters that are the attributes c0 to c3, one of noise and one that all have."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 4, 400)
    mu = (8 * np.eye(4, 5)[kinds] + rng.standard_normal((400, 5)) + 50).astype(np.float32)
    noise = (rng.random((400, 1)) < 0.3).astype(np.uint8)
    attributes = np.hstack([np.eye(4, dtype=np.uint8)[kinds], noise, np.ones((400, 1), np.uint8)])
    split = (np.arange(400) >= 266).astype(np.uint8)
    return Latents("ae", "none", mu, None, mu, split), Labels(NAMES, attributes)


@pytest.fixture(scope="module")
def measurement(planted):
    return clusters.measure(*planted, CONFIG)


def test_planted_clusters_are_found(measurement):
    numbers = measurement.numbers
    assert numbers["points"] == 266 and numbers["silhouette"]["k"] == 4
    assert numbers["gap"]["beyond_a_gaussian"] == 1 and numbers["gap"]["largest_k"] == numbers["gap"]["clusters"] == 4
    assert numbers["silhouette"]["mu"] > 2 * numbers["silhouette"]["null"]
    assert measurement.tables["clusters"]["k"].tolist() == [2, 3, 4, 6, 8]


def test_planted_clusters_are_no_tails(measurement):
    """Independent components of the same marginals have clusters too, one for each corner of a box."""
    gap = measurement.numbers["gap"]
    assert gap["over_elliptical"]["low"] > 0 and gap["over_elliptical"]["p"] <= 0.05
    assert gap["over_permuted"]["mean"] < gap["over_elliptical"]["mean"]
    assert gap["limit"]["clusters"] == 10 and gap["limit"]["gap"] > 0


def test_planted_clusters_are_their_labels(measurement):
    labels, table = measurement.numbers["labels"], measurement.tables["clusters_attributes"]
    assert (labels["k"], labels["attributes"], labels["constant_attributes"], labels["beyond_chance"]) == (4, 5, 1, 4)
    assert labels["matching"]["mu"] > 0.7 > 0.4 > labels["matching"]["shuffled"]
    assert labels["adjusted"]["max"] > 0.9
    assert table["attribute"].tolist() == ["c0", "c1", "c2", "c3", "noise"]
    assert (table["p_holm"] <= 0.05).tolist() == [True] * 4 + [False]


def test_subsample_keeps_points_with_their_labels(planted):
    numbers = clusters.measure(*planted, CONFIG.model_copy(update={"points": 150})).numbers
    assert numbers["points"] == 150 and numbers["labels"]["matching"]["mu"] > 0.7


def test_unlabelled_images_have_clusters_too(planted):
    latents, labels = planted
    config = CONFIG.model_copy(update={"k": (2, 4, 6)})
    constant = Labels(("all",), labels.attributes[:, -1:])
    for none in (Labels(), constant):
        measurement = clusters.measure(latents, none, config)
        assert measurement.numbers["labels"] is None and measurement.numbers["gap"]["mean"] > 0
        assert not len(measurement.tables["clusters_attributes"])
    html, _ = section("clusters", results_of("clusters", {"a": measurement}))
    assert "K-means" in html and "Are clusters the attributes?" not in html


def test_too_few_points_for_so_many_clusters(planted):
    with pytest.raises(NotMeasurable, match="needs 400 training images for 200 clusters, has 266"):
        clusters.measure(*planted, CONFIG.model_copy(update={"k": (2, 4, 200)}))


@pytest.mark.parametrize(
    ("update", "key"),
    [({"k_labels": 5}, "k_labels"), ({"k": (2, 4, 4)}, "k"), ({"n_permutations": 500}, "n_permutations")],
)
def test_conflicting_parameters_are_refused(update, key):
    with pytest.raises(ConfigError) as error:
        CONFIG.model_copy(update=update).check()
    assert error.value.key == key
    with pytest.raises(ValidationError):
        clusters.Config(k=(1, 2, 3))


def test_section_has_the_numbers_of_each_model(measurement):
    html, drawings = section("clusters", results_of("clusters", {"a": measurement}, models=("a", "b")))
    numbers = measurement.numbers
    assert f"<td>{numbers['gap']['mean']:.3f}" in html and "<td>4<" in html and "largest at 4" in html
    assert f"<td>{100 * numbers['labels']['matching']['mu']:.1f}" in html
    assert "Mean gap" in drawings["clusters"].alt and "for a" in drawings["clusters"].alt
