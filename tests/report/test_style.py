"""Figures keep to themselves: one style, one colour per model, the same bytes, and pyplot left alone."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from zpoints.analyses.components.figures import components
from zpoints.analyses.pca.figures import spectrum
from zpoints.analyses.posterior.figures import logvar
from zpoints.analyses.radius.figures import radius
from zpoints.analyses.training.figures import losses
from zpoints.report.figures.image_grid import blocks
from zpoints.report.figures.scores import scores
from zpoints.report.style import colors_of, log_ticks, plain, save

RNG = np.random.default_rng(0)
SHARES = np.full(10, 0.1)
CENTRES = np.arange(10) * 0.5 + 0.25
TINTS = colors_of(["a", "b"])
DRAW = {
    "losses": lambda: losses({"a": {"epoch": np.arange(3) + 1, "reco": np.ones(3), "val_reco": np.ones(3) * 2}}, TINTS),
    "radius": lambda: radius({"a": {"radius": CENTRES, "mu": SHARES, "chi": SHARES}}, {"a": "note"}, TINTS),
    "logvar": lambda: logvar({"a": {"logvar": CENTRES, "share": SHARES}}, {"a": "note"}, TINTS),
    "components": lambda: components(
        {"a": {"deviation": CENTRES, "strongest": SHARES, "median": SHARES, "normal": SHARES}}, {"a": "note"}, TINTS
    ),
    "spectrum": lambda: spectrum(
        {"a": {"rank": np.arange(10) + 1, "cumulative": CENTRES / 5, "independent_cumulative": CENTRES / 6}}, TINTS
    ),
    "scores": lambda: scores({"a": dict.fromkeys(("first", "second", "null_first", "null_second"), CENTRES)}, TINTS),
    "grids": lambda: blocks([("a", np.arange(8 * 8 * 3 * 2, dtype=np.uint8).reshape(2, 8, 8, 3))], TINTS, 2),
}


@pytest.mark.parametrize("kind", DRAW)
def test_the_same_input_gives_the_same_bytes_and_leaves_all_settings_alone(tmp_path, kind):
    from matplotlib import pyplot

    before = dict(mpl.rcParams)
    save(DRAW[kind](), tmp_path / "one.png")
    assert pyplot.get_fignums() == [] and dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 20, "savefig.dpi": 30, "axes.facecolor": "red", "savefig.facecolor": "red"}):
        save(DRAW[kind](), tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_file_names_no_version_and_no_date(tmp_path):
    save(DRAW["losses"](), tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as picture:
        assert set(picture.info) <= {"dpi"}


def test_a_model_keeps_its_colour_when_others_are_added_behind_it():
    names = [f"m{place}" for place in range(18)]
    for count in range(1, 18):
        assert colors_of(names[:count]).items() <= colors_of(names).items()
    assert len(set(colors_of(names).values())) == 18


def test_neighbours_differ_in_brightness_or_hue_even_without_colour_vision():
    """Viénot, Brettel and Mollon's projection (1999) for protanopes, on linear light."""
    project = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, -0.0], [0.00401, -0.00401, 1.0]])
    seen = [project @ np.array(to_rgb(colour)) ** 2.2 for colour in colors_of(list("abcdef")).values()]
    for place, one in enumerate(seen):
        for other in seen[place + 1 :]:
            assert np.abs(np.maximum(one, 0) ** (1 / 2.2) - np.maximum(other, 0) ** (1 / 2.2)).max() > 0.08


@pytest.mark.parametrize(("low", "high"), [(100, 130), (150, 2000), (1e-3, 500), (0.02, 0.05), (1e-9, 1e9)])
def test_a_logarithmic_axis_has_a_few_ticks_and_plain_numbers(low, high):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    log_ticks(axes.yaxis, low, high)
    shown = [tick for tick in axes.yaxis.get_majorticklocs() if low <= tick <= high]
    assert 2 <= len(shown) <= 12
    assert axes.yaxis.get_minorticklocs().size == 0


@pytest.mark.parametrize(
    ("value", "text"), [(1000, "1,000"), (0.01, "0.01"), (0, "0"), (1e-5, "$10^{-5}$"), (2e6, r"$2 \cdot 10^{6}$")]
)
def test_ticks_are_plain_as_long_as_they_are_short(value, text):
    assert plain(value) == text
