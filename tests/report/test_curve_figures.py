"""Losses, radii and logvar: what is drawn is what was measured."""

import numpy as np
import pytest

from zpoints.analyses.posterior.figures import logvar
from zpoints.analyses.training.figures import losses
from zpoints.analyses.radius.figures import differs
from zpoints.analyses.radius.figures import radius
from zpoints.report.figures.ridgeline import extent
from zpoints.report.figures.ridgeline import scaled

EPOCH = np.arange(1, 6)
TINTS = {"ae": "#ff0000", "vae": "#00ff00", "m": "#0000ff"}


def history(floor=True, kl=0.0):
    curve = {"epoch": EPOCH, "reco": 200.0 / EPOCH + 100, "val_reco": 210.0 / EPOCH + 101}
    curve |= {"floor": np.full(5, 100.0), "val_floor": np.full(5, 101.0)} if floor else {}
    return curve | ({"kl": kl / EPOCH, "val_kl": kl / EPOCH} if kl is not None else {})


def test_reco_is_drawn_above_its_floor_in_the_colour_of_its_model():
    (axes,) = losses({"ae": history(kl=None)}, TINTS).axes
    training, held_out = axes.lines
    np.testing.assert_allclose(training.get_ydata(), 200.0 / EPOCH)
    np.testing.assert_allclose(held_out.get_ydata(), 210.0 / EPOCH)
    assert {training.get_color(), held_out.get_color()} == {TINTS["ae"]}
    assert (training.get_linestyle(), held_out.get_linestyle()) == ("--", "-")
    assert axes.get_yscale() == "log"


@pytest.mark.parametrize(
    ("curves", "panels"),
    [
        ({"ae": history(kl=None)}, ["above the floor"]),
        ({"m": history(floor=False, kl=None)}, ["squared error"]),
        ({"ae": history(kl=None), "vae": history(kl=3.0)}, ["above the floor", "kl"]),
        ({"m": history(floor=False, kl=None), "vae": history(kl=3.0)}, ["above the floor", "squared error", "kl"]),
        ({"vae": history(kl=0.0)}, ["above the floor"]),
    ],
)
def test_there_is_a_panel_for_each_term_that_some_model_has(curves, panels):
    titles = [axes.get_title(loc="left") for axes in losses(curves, TINTS).axes]
    assert len(titles) == len(panels)
    assert all(part in title for part, title in zip(panels, titles, strict=True))


def law(mu, z=None, bins=400):
    centres = np.arange(bins) * 0.5 + 0.25
    bell = lambda at, width: np.exp(-0.5 * ((centres - at) / width) ** 2)  # noqa: E731
    laws = {"mu": bell(mu, 1 + mu / 6), "chi": bell(16, 0.7), **({"z": bell(z, 1)} if z else {})}
    return {"radius": centres} | {kind: shares / shares.sum() for kind, shares in laws.items()}


def draw(laws):
    return radius(laws, dict.fromkeys(laws, ""), dict.fromkeys(laws, "#ff0000"))


def test_every_law_lies_within_the_axis():
    for laws in ({"a": law(16)}, {"a": law(16), "b": law(80)}, {"a": law(3, z=16), "b": law(16)}):
        figure = draw(laws)
        low, high = figure.axes[0].get_xlim()
        for one in laws.values():
            inside = (one["radius"] > low) & (one["radius"] < high)
            assert one["mu"][inside].sum() > 0.99 and one["chi"][inside].sum() > 0.99


def test_the_axis_is_logarithmic_only_where_the_models_lie_far_apart():
    assert draw({"a": law(16), "b": law(14)}).axes[0].get_xscale() == "linear"
    assert draw({"a": law(16), "b": law(80)}).axes[0].get_xscale() == "log"


def test_z_is_drawn_only_where_its_law_differs_from_that_of_mu():
    assert differs(law(6, z=16)) and not differs(law(6))
    assert not differs(law(6) | {"z": law(6)["mu"]})
    rng = np.random.default_rng(0)
    noisy = {key: rng.multinomial(4500, law(60)["mu"]) / 4500 for key in ("mu", "z")}
    assert not differs(noisy)
    assert [len(axes.patches) for axes in draw({"a": law(6, z=16), "b": law(6)}).axes] == [4, 3]


def test_a_law_that_is_nowhere_can_still_be_drawn():
    gone = law(16) | {"mu": np.zeros(400)}
    assert draw({"a": gone}).axes


def test_the_extent_holds_all_but_the_given_share():
    shares = np.array([0.0, 0.0005, 0.5, 0.0, 0.4995, 0.0])
    assert extent(shares, np.arange(7.0)) == (2.0, 5.0)
    assert extent(np.zeros(3), np.arange(4.0)) is None


def test_scaled_laws_reach_one():
    assert scaled(np.array([0.1, 0.4])).tolist() == [0.25, 1.0]
    assert scaled(np.zeros(2)).tolist() == [0.0, 0.0]


def test_logvar_shows_the_prior_and_every_vae():
    laws = {name: {"logvar": np.array([-13.75, -13.25]), "share": np.array([0.5, 0.5])} for name in ("a", "b")}
    figure = logvar(laws, dict.fromkeys(laws, ""), dict.fromkeys(laws, "#ff0000"))
    low, high = figure.axes[0].get_xlim()
    assert len(figure.axes) == 2 and low < -14 and high > 0


def test_a_single_bin_of_logvar_is_drawn():
    assert logvar({"a": {"logvar": np.array([-1.25]), "share": np.array([1.0])}}, {"a": ""}, {"a": "#ff0000"}).axes
