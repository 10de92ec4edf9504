"""Histograms of logvar."""

import numpy as np

from zpoints.analyses.posterior.figures import logvar


def test_logvar_shows_the_prior_and_every_vae():
    laws = {name: {"logvar": np.array([-13.75, -13.25]), "share": np.array([0.5, 0.5])} for name in ("a", "b")}
    figure = logvar(laws, dict.fromkeys(laws, ""), dict.fromkeys(laws, "#ff0000"))
    low, high = figure.axes[0].get_xlim()
    assert len(figure.axes) == 2 and low < -14 and high > 0


def test_single_bin_of_logvar_is_drawn():
    assert logvar({"a": {"logvar": np.array([-1.25]), "share": np.array([1.0])}}, {"a": ""}, {"a": "#ff0000"}).axes
