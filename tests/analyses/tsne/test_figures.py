"""Maps: what is drawn is what was measured, and a map and its null share one scale."""

import numpy as np
import pytest

from zpoints.analyses.tsne.figures import atlas, tsne
from zpoints.report.style import colors_of

RNG = np.random.default_rng(0)
COLORS = colors_of(["a", "b"])


def columns(spread=1.0, attribute=True):
    found = dict(zip(("x", "y", "null_x", "null_y"), spread * RNG.standard_normal((4, 50)), strict=True))
    found |= {key: 3 * found[key] for key in ("null_x", "null_y")}
    found |= {"radius": RNG.uniform(3, 9, 50), "cluster": np.arange(50.0) % 30}
    return found | ({"attribute_Wearing_Hat": RNG.integers(0, 2, 50).astype(float)} if attribute else {})


def coordinates(axes):
    (points,) = axes.collections
    return points.get_offsets()


def test_row_shows_map_and_null_on_one_scale():
    drawn = {"a": columns(), "b": columns(30)}
    figure = tsne(drawn, COLORS)
    assert len(figure.axes) == 8
    for (name, cloud), row in zip(drawn.items(), np.reshape(figure.axes, (2, 4)), strict=True):
        for axes in row[:3]:
            np.testing.assert_array_equal(coordinates(axes), np.column_stack([cloud["x"], cloud["y"]]))
        np.testing.assert_array_equal(coordinates(row[3]), np.column_stack([cloud["null_x"], cloud["null_y"]]))
        assert len({axes.get_xlim() for axes in row} | {axes.get_ylim() for axes in row}) == 1
        assert all(np.abs(cloud[key]).max() < row[0].get_xlim()[1] for key in ("x", "y", "null_x", "null_y"))
        assert [text.get_text() for text in row[0].texts] == [name]
    assert [axes.get_title() for axes in figure.axes[1:4]] == ["Wearing Hat", "cluster", "Gaussian"]
    assert figure.axes[0].get_xlim() != figure.axes[4].get_xlim()


def test_colors_are_those_of_the_columns():
    cloud = columns()
    radius, hat, cluster, null = tsne({"b": cloud}, COLORS).axes
    np.testing.assert_array_equal(radius.collections[0].get_array(), cloud["radius"])
    faces = hat.collections[0].get_facecolors()[:, :3]
    have = cloud["attribute_Wearing_Hat"] > 0
    np.testing.assert_allclose(faces[have], np.tile([213, 94, 0], (have.sum(), 1)) / 255, atol=1e-6)  # #D55E00
    assert len(np.unique(faces[~have], axis=0)) == 1 and not (faces[~have][0] == faces[have][0]).all()
    by_cluster = cluster.collections[0].get_facecolors()
    for kind in np.unique(cloud["cluster"]):
        assert len(np.unique(by_cluster[cloud["cluster"] == kind], axis=0)) == 1
    assert len(np.unique(by_cluster, axis=0)) == 10
    assert null.collections[0].get_facecolors()[0, :3] == pytest.approx(np.full(3, 0x66 / 255), abs=0.03)


def test_no_attributes_no_panel():
    figure = tsne({"a": columns(attribute=False)}, COLORS)
    assert [axes.get_title() for axes in figure.axes[1:]] == ["cluster", "Gaussian"]


def test_all_maps_stand_in_one_row():
    maps = {"a": [("map 1", columns()), ("map 2", columns(9))], "b": [("map 1", columns())]}
    figure = atlas(maps, 3)
    assert [axes.get_title() for axes in figure.axes if axes.get_visible()] == ["map 1", "map 2", "map 1"]
    np.testing.assert_array_equal(coordinates(figure.axes[1])[:, 1], maps["a"][1][1]["y"])
    one, other = (axes.collections[0].norm for axes in figure.axes[:2])
    assert (one.vmin, one.vmax) == (other.vmin, other.vmax)


def test_two_maps_are_no_larger_than_three():
    shapes = {}
    for count in (2, 3, 6):
        (first, *_), width = (figure := atlas({"a": [("map", columns())] * count}, 3)).axes, figure.get_figwidth()
        shapes[count] = first.get_position().width * width, first.collections[0].get_sizes()[0]
    assert shapes[2] == shapes[3]
    assert shapes[3][1] / shapes[6][1] == pytest.approx((shapes[3][0] / shapes[6][0]) ** 2)


def test_attribute_names_are_no_formulas():
    cloud = columns(attribute=False) | {"attribute_$\\frac{$": np.zeros(50)}
    figure = tsne({"a": cloud}, COLORS)
    assert figure.axes[1].get_title() == "$\\frac{$"
    figure.draw_without_rendering()
