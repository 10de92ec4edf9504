"""Maps of z-points in memory: what they hold, and what is left out."""

import numpy as np
import pytest
from pydantic import ValidationError

from zpoints.analyses.tsne import Config, measure
from zpoints.analyses.tsne.config import Settings
from zpoints.config.block import ConfigError
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable

RNG = np.random.default_rng(0)
KINDS = np.repeat([0, 1], 60)
# Two clusters, told apart by the first axis alone, so that the Gaussian of equal moments is one cloud.
MU = (RNG.standard_normal((120, 4)) + np.outer(30 * KINDS, [1, 0, 0, 0])).astype(np.float32)
LABELS = Labels(("Bald", "Male"), np.column_stack([np.zeros(120), KINDS]).astype(np.uint8))
SMALL = {"points": (60,), "subsample": 50, "n_neighbors": 5, "n_clusters": 2, "n_plotted": 30, "attributes": ("Male",)}
BRIEF = (Settings(early_exaggeration=4, perplexity=5, iterations=40),)


def run(mu=MU, labels=LABELS, split=None, **keys):
    split = np.zeros(len(mu), np.uint8) if split is None else split
    return measure(Latents("ae", "none", mu, None, mu, split), labels, Config(**SMALL | {"settings": BRIEF} | keys))


@pytest.fixture(scope="module")
def small():
    return run()


def test_map_holds_coordinates_and_colors(small):
    table = small.arrays["map_1"]
    assert table.dtype == np.float32 and table.shape == (60, 8)
    assert small.numbers["columns"] == ["row", "x", "y", "null_x", "null_y", "radius", "cluster", "attribute_Male"]
    rows = table[:, 0].astype(int)
    assert (np.diff(rows) > 0).all() and table[:, 7].tolist() == KINDS[rows].tolist()
    np.testing.assert_allclose(table[:, 5], np.linalg.norm(MU[rows], axis=1), rtol=1e-6)
    assert len(set(zip(table[:, 6], KINDS[rows], strict=True))) == 2, "cluster"


def test_plotted_lines_are_those_of_the_map(small, tmp_path):
    small.write(tmp_path / "out", "test")
    plotted = Measurement.read(tmp_path / "out").tables["tsne"]
    assert len(plotted) == 30 and set(plotted["map"]) == {1}
    assert set(plotted["recipe"]) == {"60 points, perplexity 5, exaggeration 4, 40 iterations"}
    table = {int(line[0]): line for line in small.arrays["map_1"]}
    for line in plotted[small.numbers["columns"]].to_numpy():
        np.testing.assert_allclose(line, table[int(line[0])], rtol=1e-5)


def test_planted_clusters_are_islands_without_null():
    found = run(settings=(Settings(perplexity=10, iterations=200),), points=(120,)).numbers["maps"]["1"]
    assert (found["points"], found["looked_at"], found["early_exaggeration"]) == (120, 50, 12)
    assert found["mu"]["same"]["beyond_chance"] == {"cluster": 1, "Male": 1}
    assert found["null"]["same"]["beyond_chance"].keys() == {"cluster"}
    assert found["mu"]["hopkins"]["mean"] > found["null"]["hopkins"]["mean"] + 0.1
    assert found["neighbours_kept_by_chance"] == pytest.approx(5 / 119)
    for source in ("mu", "null"):
        assert found[source]["neighbours_kept"] > 0.3 and 0.8 < found[source]["trustworthiness"] < 1


def test_null_is_a_gaussian_of_equal_moments(monkeypatch):
    from zpoints.analyses.tsne.method import tsne_maps

    searched = []
    real = tsne_maps.tsne.neighbors
    monkeypatch.setattr(tsne_maps.tsne, "neighbors", lambda *args: searched.append(args[0]) or real(*args))
    run(points=(120,))
    mu, null, *others = (points for points in searched if points.shape[1] == 4)
    assert mu.shape == null.shape == (120, 4) and len(others) == 2
    np.testing.assert_allclose(null.mean(axis=0), mu.mean(axis=0), atol=5)
    np.testing.assert_allclose(null.std(axis=0), mu.std(axis=0), rtol=0.3)
    assert np.mean(np.abs(null[:, 0] - 15) < 10) > 0.1, "no gap between two clusters"


@pytest.mark.slow
def test_equal_maps_are_made_once():
    settings = (Settings(perplexity=5, iterations=8), Settings(perplexity=8, iterations=8))
    found = run(settings=settings, points=(60, 500, 1000))
    maps = found.numbers["maps"].values()
    assert [(content["points"], content["perplexity"]) for content in maps] == [(60, 5), (60, 8), (120, 5), (120, 8)]
    assert list(found.arrays) == [f"map_{number}" for number in range(1, 5)]
    assert set(found.tables["tsne"]["map"]) == {1, 2, 3, 4}


def test_first_map_has_one_of_each_null_beside_it():
    settings = (Settings(perplexity=5, iterations=8), Settings(perplexity=8, iterations=8))
    first, *others = run(settings=settings, points=(60, 90)).numbers["maps"].values()
    assert {"mu", "null", "elliptical", "permuted"} <= first.keys() and len(others) == 3
    for content in others:
        assert {"mu", "null"} <= content.keys() and not {"elliptical", "permuted"} & content.keys()
    for source in ("mu", "null", "elliptical", "permuted"):
        assert -1 < first[source]["silhouette"] < 1 and 0 < first[source]["hopkins"]["mean"] < 1


def test_models_are_mapped_at_the_same_images(small):
    other = run(RNG.standard_normal((120, 4)).astype(np.float32))
    seed = run(seed=1)
    rows, others, seeded = (found.arrays["map_1"][:, 0].tolist() for found in (small, other, seed))
    assert rows == others != seeded
    assert small.tables["tsne"]["row"].tolist() == other.tables["tsne"]["row"].tolist()


@pytest.mark.slow
def test_attributes_that_lack_are_left_out():
    found = run(attributes=("Hat", "Male"))
    assert found.numbers["left_out"] == ["Hat"] and found.numbers["columns"][-1] == "attribute_Male"
    for labels in (Labels(), Labels(("Hats",), np.zeros((120, 1), np.uint8))):
        found = run(labels=labels)
        assert found.numbers["left_out"] == ["Male"] and found.numbers["columns"][-1] == "cluster"


@pytest.mark.parametrize(
    ("images", "perplexity", "n_neighbors", "message"),
    [
        (120, 40, 5, "needs 121 training images for a perplexity of 40 and 5 neighbours, has 120"),
        (60, 5, 30, "needs 61 training images for a perplexity of 5 and 30 neighbours, has 60"),
    ],
)
def test_too_few_images_are_told(images, perplexity, n_neighbors, message):
    settings = (Settings(perplexity=perplexity),)
    with pytest.raises(NotMeasurable, match=message):
        run(MU[:images], Labels(), settings=settings, points=(500,), subsample=500, n_neighbors=n_neighbors)


ERRORS = {
    "perplexity": ({"settings": (Settings(perplexity=30),)}, "settings", "a perplexity of at most 19 for 60 points"),
    "neighbors": ({"n_neighbors": 25}, "n_neighbors", "less than half of the 50 points"),
    "twice": ({"points": (60, 60)}, "points", "each entry once"),
    "none": ({"settings": ()}, "settings", "at least one entry"),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_keys_that_do_not_go_together(fault):
    keys, key, expected = ERRORS[fault]
    with pytest.raises(ConfigError) as caught:
        Config(**SMALL | {"settings": BRIEF} | keys).check()
    assert caught.value.key == key and expected in caught.value.expected


def test_perplexity_below_2_is_refused():
    with pytest.raises(ValidationError):
        Settings(perplexity=1)
