"""The laws of single axes are drawn on one scale."""

import numpy as np

from zpoints.analyses.components.figures import components

COLORS = {"a": "#ff0000", "b": "#00ff00"}


def law(peak):
    shares = np.full(8, (1 - peak) / 7)
    return {"deviation": np.arange(8) - 3.5, "strongest": np.roll(shares, 0), "median": shares, "normal": shares} | {
        "strongest": np.where(np.arange(8) == 3, peak, shares)
    }


def test_laws_of_a_row_share_one_scale():
    figure = components({"a": law(0.5), "b": law(0.9)}, {"a": "x", "b": "y"}, COLORS)
    for axes, peak in zip(figure.axes, (0.5, 0.9), strict=True):
        filled, outline, median, normal = axes.patches
        np.testing.assert_allclose(filled.get_data().values.max(), 1)
        np.testing.assert_allclose(normal.get_data().values, (1 - peak) / 7 / peak)
        np.testing.assert_allclose(median.get_data().values, (1 - peak) / 7 / peak)
        np.testing.assert_allclose(filled.get_data().edges, np.arange(9) - 4)
        assert outline.get_data().values.tolist() == filled.get_data().values.tolist()
    assert figure.axes[0].get_xlim() == (-4, 4)
