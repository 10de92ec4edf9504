"""What a params file asks of images that cannot answer it is told before anything is trained."""

import json

import numpy as np
import pytest

from tests.contract.lab import ROOT, SMALL, make_labelled_shards, make_labels, make_latents
from zpoints.analyses import discovery
from zpoints.analyses.feasibility import shortages
from zpoints.config.reader import read
from zpoints.measurement import NotMeasurable
from zpoints.shards.store import SPLITS, Shards


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_labelled_shards(tmp_path_factory.mktemp("shards"))


def lines(folder, *overrides):
    return shortages(read(ROOT / "params.yaml", [*SMALL, *overrides]), Shards.open(folder))


def reasons(folder, *overrides):
    """What can't be measured at all, by analysis."""
    parted = (line.partition(": not measurable: ") for line in lines(folder, *overrides))
    return {name: reason for name, _, reason in parted if reason}


def split_at(folder, train):
    """The same images, of which the first `train` train."""
    shards = json.loads((folder / "index.json").read_text())
    count = shards["images"]
    np.save(folder / "split.npy", np.where(np.arange(count) < train, *SPLITS.values()).astype(np.uint8))
    (folder / "index.json").write_text(json.dumps(shards | {"train": train, "held_out": count - train}))
    return folder


def test_enough_images_say_nothing(folder):
    assert lines(folder) == []


def test_too_few_images_are_a_line_for_each_analysis(tmp_path):
    told = reasons(split_at(make_labelled_shards(tmp_path), 30))
    assert told["pca"] == "needs 55 training images for 10 neighbors in 5 subsamples, has 30"
    assert told["gaussianity"].endswith("has 30")
    assert told["evaluation"].startswith("needs 250 training images for features.images = 100")
    assert not {"radius", "posterior", "components", "curvature", "samples"} & told.keys()


def test_a_mixture_needs_two_images_a_gaussian(tmp_path):
    told = reasons(split_at(make_labelled_shards(tmp_path), 30), "samplers.mixture=16")
    assert told["samples"] == "needs 32 training images for samplers.mixture = 16, has 30"


def test_held_out_images_count_too(tmp_path):
    told = reasons(split_at(make_labelled_shards(tmp_path), 890))
    assert told["attributes"] == "needs 21 held-out images, has 10" and "radius" not in told


def test_attributes_that_the_images_lack_are_named(folder):
    told = lines(folder, "analyses.tsne.attributes=[Male, blurry]")
    assert told == ["tsne: left out: blurry (no such attribute)"]
    told = lines(folder, "direction_analyses.edits.attributes=[blurry]", "direction_analyses.edits.analogies=[]")
    assert told == [
        "edits: not measurable: needs an attribute that enough images have, has none (blurry (no such attribute))"
    ]


def test_rare_attributes_are_left_out(folder, tmp_path):
    make_labelled_shards(tmp_path)
    values = np.load(tmp_path / "attributes.npy")
    values[:, 0] = 0
    np.save(tmp_path / "attributes.npy", values)
    (line,) = (line for line in lines(tmp_path) if line.startswith("attributes"))
    assert line.startswith("attributes: left out: Smiling (0 of 600 training and 0 of 300 held-out images differ")


def test_no_feature_space_is_a_reason(folder):
    told = reasons(folder, "features.space=none")
    assert told == dict.fromkeys(["paths", "evaluation", "edits"], "needs a feature space, has features.space: none")


def test_axes_that_all_vary_may_be_too_many(folder):
    models = "models={a: {kind: ae, z_dim: 100, filters: [4, 8]}, b: {kind: ae, z_dim: 3, filters: [4, 8]}}"
    (line,) = lines(folder, models, "analyses.gaussianity.n_repeats=3")
    assert line.startswith("gaussianity: not measurable where all 100 axes vary: needs ") and line.endswith("has 600")


def test_one_model_has_no_pair(folder):
    told = lines(folder, "models={ae: {kind: ae, z_dim: 6, filters: [4, 8]}}")
    assert told == ["similarity: not measurable: needs two models, has 1"]


@pytest.mark.parametrize(
    "name", [name for name in discovery.names() if discovery.config_class(name).group == "analyses"]
)
def test_measure_holds_the_minimum(name):
    """One image fewer is not measurable, with the very words that prepare uses; the minimum itself is."""
    params = read(ROOT / "params.yaml", SMALL)
    config = params.analysis(name)
    minimum, function = config.minimum(2), discovery.measure_function(name)

    def ask(train):
        latents = make_latents(train, max(60, minimum.held_out), z_dim=2)
        given = {"latents": latents, "labels": make_labels(latents), "config": config}
        return function(**{key: given[key] for key in discovery.needs(function)})

    with pytest.raises(NotMeasurable, match=r"^needs"):
        ask(minimum.train - 1)
    if name not in ("gaussianity", "attributes"):  # how many of the points lie in the core, or have a label, is chance
        assert ask(minimum.train).numbers
