"""The laws of the radius: what is drawn is what was measured."""

import numpy as np

from zpoints.analyses.radius.figures import differs, radius

COLORS = {"a": "#ff0000"}


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
        for curves in laws.values():
            inside = (curves["radius"] > low) & (curves["radius"] < high)
            assert curves["mu"][inside].sum() > 0.99 and curves["chi"][inside].sum() > 0.99


def test_models_far_apart_get_a_logarithmic_axis():
    assert draw({"a": law(16), "b": law(14)}).axes[0].get_xscale() == "linear"
    assert draw({"a": law(16), "b": law(80)}).axes[0].get_xscale() == "log"


def test_z_is_drawn_where_its_law_differs():
    assert differs(law(6, z=16)) and not differs(law(6))
    assert not differs(law(6) | {"z": law(6)["mu"]})
    rng = np.random.default_rng(0)
    noisy = {key: rng.multinomial(4500, law(60)["mu"]) / 4500 for key in ("mu", "z")}
    assert not differs(noisy)
    assert [len(axes.patches) for axes in draw({"a": law(6, z=16), "b": law(6)}).axes] == [4, 3]


def test_empty_law_is_drawn():
    gone = law(16) | {"mu": np.zeros(400)}
    assert draw({"a": gone}).axes


def test_gaussian_of_equal_moments_is_a_line():
    centres = np.arange(80) * 0.5 + 0.25
    bell = np.exp(-0.5 * ((centres - 16) / 2) ** 2)
    law = {"radius": centres, "mu": bell / bell.sum(), "chi": bell / bell.sum()}
    wide = np.exp(-0.5 * ((centres - 17) / 3) ** 2)
    with_null = radius({"a": law | {"gaussian_mu": wide / wide.sum()}}, {"a": ""}, COLORS)
    without = radius({"a": law}, {"a": ""}, COLORS)
    (line,) = [patch for patch in with_null.axes[0].patches if patch.get_zorder() == 1 and not patch.get_fill()][1:]
    np.testing.assert_allclose(line.get_data().values, wide / wide.max())
    assert len(with_null.axes[0].patches) == len(without.axes[0].patches) + 1
    labels = [text.get_text() for text in with_null.legends[0].get_texts()]
    assert "Gaussian like mu" in labels
    assert "Gaussian like mu" not in [text.get_text() for text in without.legends[0].get_texts()]
