"""The curves of k-means: own solid, null dashed, in one color for a model, and the gap with its error."""

import numpy as np

from zpoints.analyses.clusters.figures import clusters

COLORS = {"a": "#ff0000", "b": "#00ff00"}
KS = np.array([2.0, 5.0, 9.0])


def law(level):
    return {
        "k": KS,
        "inertia": level / KS,
        "null_inertia": 2 * level / KS,
        "silhouette": level * KS,
        "null_silhouette": 3 * level * KS,
        "gap": np.full(3, 0.2),
        "gap_error": np.full(3, 0.05),
    }


def test_each_model_has_its_curves_beside_the_nulls():
    figure = clusters({"a": law(1.0), "b": law(2.0)}, COLORS)
    inertia, _, silhouette = figure.axes
    for axes, kind in ((inertia, "inertia"), (silhouette, "silhouette")):
        null, own = (line for line in axes.lines if line.get_color() == COLORS["b"])
        assert (null.get_linestyle(), own.get_linestyle()) == ("--", "-")
        np.testing.assert_array_equal(own.get_xdata(), KS)
        np.testing.assert_array_equal(own.get_ydata(), law(2.0)[kind])
        np.testing.assert_array_equal(null.get_ydata(), law(2.0)[f"null_{kind}"])


def test_gap_has_a_band_of_one_error():
    _, gap, _ = clusters({"a": law(1.0)}, COLORS).axes
    edges = gap.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([edges.min(), edges.max()], [0.15, 0.25])
    assert any(set(line.get_ydata()) == {0} for line in gap.lines)
