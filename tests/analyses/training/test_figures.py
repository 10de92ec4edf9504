"""Losses over the epochs: what is drawn is what was measured."""

import numpy as np
import pytest

from zpoints.analyses.training.figures import losses

EPOCH = np.arange(1, 6)
COLORS = {"ae": "#ff0000", "vae": "#00ff00", "m": "#0000ff"}


def history(floor=True, kl=0.0):
    curve = {"epoch": EPOCH, "reco": 200.0 / EPOCH + 100, "val_reco": 210.0 / EPOCH + 101}
    curve |= {"floor": np.full(5, 100.0), "val_floor": np.full(5, 101.0)} if floor else {}
    return curve | ({"kl": kl / EPOCH, "val_kl": kl / EPOCH} if kl is not None else {})


def test_reco_is_drawn_above_its_floor():
    (axes,) = losses({"ae": history(kl=None)}, COLORS).axes
    training, held_out = axes.lines
    np.testing.assert_allclose(training.get_ydata(), 200.0 / EPOCH)
    np.testing.assert_allclose(held_out.get_ydata(), 210.0 / EPOCH)
    assert {training.get_color(), held_out.get_color()} == {COLORS["ae"]}
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
def test_each_term_of_some_model_has_a_panel(curves, panels):
    titles = [axes.get_title(loc="left") for axes in losses(curves, COLORS).axes]
    assert len(titles) == len(panels)
    assert all(part in title for part, title in zip(panels, titles, strict=True))


def test_single_epoch_is_drawn_as_points():
    curve = {name: values[:1] for name, values in history(kl=3.0).items()}
    figure = losses({"vae": curve}, COLORS)
    for axes in figure.axes:
        assert [line.get_marker() for line in axes.lines] == ["o", "o"]
        low, high = axes.get_ylim()
        assert all(low < line.get_ydata()[0] < high for line in axes.lines)


def test_reco_at_its_floor_is_drawn_empty():
    curve = history(kl=None)
    curve |= {"reco": curve["floor"], "val_reco": curve["val_floor"]}
    (axes,) = losses({"ae": curve}, COLORS).axes
    assert all(np.isnan(line.get_ydata()).all() for line in axes.lines)


def test_missing_held_out_columns_leave_training_alone():
    curve = {name: values for name, values in history(kl=None).items() if not name.startswith("val_")}
    (axes,) = losses({"ae": curve}, COLORS).axes
    (training,) = axes.lines
    assert training.get_linestyle() == "--"
    np.testing.assert_allclose(training.get_ydata(), 200.0 / EPOCH)
