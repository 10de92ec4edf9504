"""The analyses that decode: samples, evaluation, paths and edits, from their inputs to their sections."""

import numpy as np
import pytest

from tests.analyses.pictures import HOSTILE, NAMES, SIZE, make_lab
from tests.analyses.sections import results_of, section
from tests.contract.reading import cells
from zpoints.analyses import discovery, edits, evaluation, paths, samples
from zpoints.analyses.samples.presentation import expected_radius
from zpoints.config.samplers import Samplers
from zpoints.latents.cloud import Cloud
from zpoints.latents.labels import Labels
from zpoints.latents.samplers import samplers
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.metrics.image_quality import fidelity

CONFIGS = {
    "samples": samples.Config(images=12),
    "evaluation": evaluation.Config(n_plotted=3),
    "paths": paths.Config(n_pairs=4, n_steps=5, n_axes=2, n_starts=6, distances=(0, 1, 3), n_reference=300),
    "edits": edits.Config(
        attributes=(*NAMES, "Hat"),
        images=12,
        n_train=300,
        strengths=(1.0, 3.0),
        exemplars=2,
        analogies=((NAMES[0], HOSTILE), (NAMES[0], "Coin")),
    ),
}
SAMPLERS = ["normal", "uniform_2", "shell", "diagonal", "gaussian", "elliptical", "permuted", "mixture_2", "bootstrap"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return make_lab(tmp_path_factory.mktemp("lab"))


def measure(name, lab, **changes):
    function = discovery.measure_function(name)
    given = lab | {"config": CONFIGS[name]} | changes
    return function(**{key: given[key] for key in discovery.needs(function)})


@pytest.fixture(scope="module")
def measured(lab, tmp_path_factory):
    """What each analysis found, written and read."""
    root = tmp_path_factory.mktemp("measured")
    for name in CONFIGS:
        measure(name, lab).write(root / name, "test")
    return {name: Measurement.read(root / name) for name in CONFIGS}


@pytest.mark.parametrize("name", CONFIGS)
def test_section_shows_every_figure(name, measured):
    html, drawings = section_of(name, measured)
    lead = getattr(discovery.presentation(name), "LEAD", None)
    shown = [figure for figure in drawings if lead is None or figure != lead.figure]
    assert html.count("<figure") == len(shown) and all(f'id="figure-{figure}"' in html for figure in shown)
    assert all(drawing.alt and "/" not in figure for figure, drawing in drawings.items())


def section_of(name, measured):
    """A second model, that could not be measured, must not matter."""
    return section(name, results_of(name, {"ae": measured[name]}, models=["vae", "ae"]), data={"source": "toy"})


def test_samples_are_decoded_from_every_sampler(lab, measured):
    found = measured["samples"]
    assert list(found.numbers["radius"]["mean"]) == SAMPLERS
    assert {*SAMPLERS, "originals", "reconstructions"} == set(found.arrays)
    assert all(pictures.shape == (12, SIZE, SIZE, 3) for pictures in found.arrays.values())
    held_out = {image.tobytes() for image in lab["shards"].read(lab["latents"].rows("held_out"))}
    assert {image.tobytes() for image in found.arrays["originals"]} <= held_out
    html, _ = section_of("samples", measured)
    assert "N(0, I)</b>, a block for each model: the first 10 of 12" not in html and 'id="sampler-core"' not in html


@pytest.mark.parametrize("sampler", ["normal", "uniform_2", "uniform_0.5"])
def test_expected_radius_is_that_of_the_sampler(sampler):
    draw = samplers(Samplers(uniform=(2.0, 0.5)))[sampler]
    radii = np.linalg.norm(draw(Cloud(np.zeros((10, 256), np.float32), np.arange(10)), 2000, 0), axis=1)
    mean, std = expected_radius(sampler, 256)
    assert radii.mean() == pytest.approx(mean, rel=0.005) and radii.std() == pytest.approx(std, rel=0.06)


def test_evaluation_scores_samplers_and_controls(lab, measured):
    found = measured["evaluation"]
    assert list(found.numbers["samplers"]) == [*SAMPLERS, "reconstructions"]
    assert found.numbers["controls"] == lab["reference"].controls
    assert found.numbers["images"] == {"drawn": 100, "reference": 100, "scaler": 110, "held_out": 100}
    assert len(found.tables["evaluation"]) == 9 * (len(SAMPLERS) + 1 + len(lab["reference"].controls))
    html, _ = section_of("evaluation", measured)
    row = next(line for line in cells(html) if line[0] == "ae")
    assert row[1].startswith(
        f"{found.numbers['samplers']['normal']['kid']['value']:.2f} ".replace("-", "\N{MINUS SIGN}")
    )


def test_distance_from_reconstructions_leaves_blur_out(lab, measured):
    found = measured["evaluation"].numbers
    assert list(found["to_reconstructions"]) == SAMPLERS
    for name, score in found["to_reconstructions"].items():
        assert score["low"] <= score["value"] <= score["high"], name
    noise = np.random.default_rng(0).normal(0, 3, lab["latents"].mu.shape).astype(np.float32)
    latents = lab["latents"]
    mu, noiseless = latents.mu, np.full_like(latents.mu, -60)
    still, moved = (
        measure("evaluation", lab, latents=Latents("vae", "print", mu, noiseless, z, latents.split)).numbers
        for z in (mu, mu + noise)
    )
    # The very same pictures: no pair of one with itself is counted, so that chance takes it below 0.
    assert still["to_reconstructions"]["reconstructions_z"]["value"] < 0
    assert still["samplers"]["reconstructions_z"] == still["samplers"]["reconstructions"]
    assert moved["to_reconstructions"]["reconstructions_z"]["low"] > 0
    # An untrained decoder's pictures are all far from real ones, and near one another.
    for numbers in (found, moved):
        assert (
            numbers["to_reconstructions"]["bootstrap"]["value"] < numbers["samplers"]["bootstrap"]["kid"]["value"] / 4
        )


def test_quality_belongs_to_its_reconstructions(lab, measured):
    table = measured["evaluation"].tables["quality"].sort_values("above_floor")
    for name, rows in (("best", table.head(3)), ("worst", table.tail(3)[::-1])):
        pictures = measured["evaluation"].arrays[name]
        np.testing.assert_array_equal(pictures[:3], lab["shards"].read(rows["row"].to_numpy()))
        losses = fidelity(pictures[:3], pictures[3:])["above_floor"]
        np.testing.assert_allclose(losses, rows["above_floor"], rtol=0.01)


def test_paths_have_a_curve_of_every_kind(measured):
    found = measured["paths"]
    kinds = {f"{start}_{way}" for start in ("images", "gaussian", "mean") for way in ("isotropic", "shaped")}
    assert set(found.tables["paths"]["path"]) == kinds | {"linear", "spherical", "axes", "origin"} == set(found.arrays)
    assert set(found.numbers["width"]) == kinds and found.numbers["threshold"] > 1
    curve = found.tables["paths"].set_index(["path", "position"])["distance"]
    assert found.numbers["middle"]["spherical"]["distance"] == curve["spherical", 0.5]
    assert curve["linear", 0] == pytest.approx(curve["spherical", 0], rel=1e-6)


def test_edits_survive_hostile_names(measured):
    found = measured["edits"]
    assert found.numbers["edited"] == [NAMES[0], HOSTILE]
    assert set(found.numbers["left_out"]) == {"Coin", "Rare", "Hat", f"{NAMES[0]} and Coin"}
    assert found.numbers["left_out"]["Hat"] == "the images have no such label"
    assert found.numbers["left_out"]["Coin"].startswith("the classifier's AUC is 0.")
    html, drawings = section_of("edits", measured)
    assert list(drawings) == ["edits", "edits_1", "edits_2", "analogies"]
    assert f"<b>{HOSTILE} added</b>" in html


def test_edits_have_a_row_for_each_strength(measured):
    table = measured["edits"].tables["edits"]
    labels = [f"attribute {name}" for name in (NAMES[0], HOSTILE)] + ["all"]
    assert table["attribute"].drop_duplicates().tolist() == labels and len(table) == 2 * 3 * 3
    means = table.groupby(["direction", "strength", table["attribute"] == "all"])["success"].mean().unstack()
    np.testing.assert_allclose(means[True], means[False])
    np.testing.assert_allclose(table["identity"][table["strength"] == 0], 1)
    strips = measured["edits"].arrays["edits"].reshape(2, 4, SIZE, SIZE, 3)
    assert all(len(np.unique(strip, axis=0)) == 4 for strip in strips)


def test_edits_without_labels_are_not_measurable(lab):
    with pytest.raises(NotMeasurable, match=r"has none .*Hat: the images have no such label"):
        measure("edits", lab, labels=Labels())
    nothing = CONFIGS["edits"].model_copy(update={"attributes": ("Coin", "Hat")})
    with pytest.raises(NotMeasurable, match="Coin: the classifier's AUC is 0"):
        measure("edits", lab, config=nothing)
