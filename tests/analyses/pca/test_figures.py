"""Axes, spectra and scores: what is drawn is what was measured, and on scales that can be compared."""

import numpy as np
import pytest

from zpoints.analyses.components.figures import components
from zpoints.analyses.pca.figures import spectrum
from zpoints.report.figures.scores import scores

TINTS = {"a": "#ff0000", "b": "#00ff00"}
RNG = np.random.default_rng(0)


def law(peak):
    shares = np.full(8, (1 - peak) / 7)
    return {"deviation": np.arange(8) - 3.5, "strongest": np.roll(shares, 0), "median": shares, "normal": shares} | {
        "strongest": np.where(np.arange(8) == 3, peak, shares)
    }


def test_the_laws_of_a_row_share_one_scale():
    figure = components({"a": law(0.5), "b": law(0.9)}, {"a": "x", "b": "y"}, TINTS)
    for axes, peak in zip(figure.axes, (0.5, 0.9), strict=True):
        filled, outline, median, normal = axes.patches
        np.testing.assert_allclose(filled.get_data().values.max(), 1)
        np.testing.assert_allclose(normal.get_data().values, (1 - peak) / 7 / peak)
        np.testing.assert_allclose(median.get_data().values, (1 - peak) / 7 / peak)
        np.testing.assert_allclose(filled.get_data().edges, np.arange(9) - 4)
        assert outline.get_data().values.tolist() == filled.get_data().values.tolist()
    assert figure.axes[0].get_xlim() == (-4, 4)


def test_each_spectrum_starts_at_nothing_and_its_null_is_dashed():
    below = np.array([0.7, 0.9, 1.0])
    own = {"rank": np.arange(1, 4), "cumulative": below, "independent_cumulative": np.arange(1, 4) / 3}
    wide = {"rank": np.arange(1, 7), "cumulative": np.arange(1, 7) / 6, "independent_cumulative": np.arange(1, 7) / 6}
    (axes,) = spectrum({"a": own, "b": wide}, TINTS).axes
    lines = [line for line in axes.lines if line.get_color() == TINTS["a"]]
    assert [line.get_linestyle() for line in lines] == ["--", "-"]
    assert lines[1].get_xdata().tolist() == [0, 1, 2, 3] and lines[1].get_ydata().tolist() == [0, *below]
    assert lines[0].get_ydata().tolist() == [0, *(np.arange(1, 4) / 3)]
    assert axes.get_xlim() == (0, 6)


@pytest.mark.parametrize("stretch", [(1, 1), (8, 1), (1, 8), (0, 0)])
def test_a_cloud_and_its_null_share_one_scale_that_holds_every_point(stretch):
    kinds = ("first", "second", "null_first", "null_second")
    factors = dict(zip(kinds, np.repeat(stretch, 2), strict=True))
    clouds = {name: {kind: factors[kind] * RNG.standard_normal(40) for kind in kinds} for name in TINTS}
    figure = scores(clouds, TINTS)
    own, null, *_ = figure.axes
    assert len(figure.axes) == 4 and own.get_xlim() == own.get_ylim() == null.get_xlim() == null.get_ylim()
    assert own.lines[0].get_xdata().tolist() == clouds["a"]["first"].tolist()
    assert null.lines[0].get_ydata().tolist() == clouds["a"]["null_second"].tolist()
    assert all(np.abs(values).max() < own.get_xlim()[1] for values in clouds["a"].values())
    assert own.lines[0].get_color() == TINTS["a"] != null.lines[0].get_color()
