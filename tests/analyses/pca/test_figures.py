"""Spectra and scores: what is drawn is what was measured, and on scales that can be compared."""

import numpy as np
import pytest

from zpoints.analyses.pca.figures import spectrum
from zpoints.report.figures.scores import scores

COLORS = {"a": "#ff0000", "b": "#00ff00"}
RNG = np.random.default_rng(0)


def test_each_spectrum_starts_at_0():
    below = np.array([0.7, 0.9, 1.0])
    own = {"rank": np.arange(1, 4), "cumulative": below, "independent_cumulative": np.arange(1, 4) / 3}
    wide = {"rank": np.arange(1, 7), "cumulative": np.arange(1, 7) / 6, "independent_cumulative": np.arange(1, 7) / 6}
    (axes,) = spectrum({"a": own, "b": wide}, COLORS).axes
    lines = [line for line in axes.lines if line.get_color() == COLORS["a"]]
    assert [line.get_linestyle() for line in lines] == ["--", "-"]
    assert lines[1].get_xdata().tolist() == [0, 1, 2, 3] and lines[1].get_ydata().tolist() == [0, *below]
    assert lines[0].get_ydata().tolist() == [0, *(np.arange(1, 4) / 3)]
    assert axes.get_xlim() == (0, 6)


@pytest.mark.parametrize("stretch", [(1, 1), (8, 1), (1, 8), (0, 0)])
def test_cloud_and_null_share_one_scale(stretch):
    kinds = ("first", "second", "null_first", "null_second")
    factors = dict(zip(kinds, np.repeat(stretch, 2), strict=True))
    clouds = {name: {kind: factors[kind] * RNG.standard_normal(40) for kind in kinds} for name in COLORS}
    figure = scores(clouds, COLORS)
    own, null, *_ = figure.axes
    assert len(figure.axes) == 4 and own.get_xlim() == own.get_ylim() == null.get_xlim() == null.get_ylim()
    assert own.lines[0].get_xdata().tolist() == clouds["a"]["first"].tolist()
    assert null.lines[0].get_ydata().tolist() == clouds["a"]["null_second"].tolist()
    assert all(np.abs(values).max() < own.get_xlim()[1] for values in clouds["a"].values())
    assert own.lines[0].get_color() == COLORS["a"] != null.lines[0].get_color()
