"""The section on scores of decoded images, rendered by itself."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import zpoints.report
from zpoints.comparison.evaluation import TOPIC
from zpoints.comparison.topic import find
from zpoints.figures.style import colours
from zpoints.report import numbers
from zpoints.report.sections.evaluation import context, plates, short

MINUS = numbers.MINUS
ENDS = ("value", "low", "high")


def score(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def measurement(**kid):
    """As evaluate writes it: face-KID as given, coverage a tenth of it."""
    kid = {"normal": 5.0, "gaussian": 1.2, "mixture_10": 1.0, "bootstrap": 0.6, "reconstructions": 0.65} | kid
    scored = {name: {"kid": score(value), "coverage": score(value / 10)} for name, value in kid.items()}
    controls = {"held_out": 0.01, "blurred": 2.3, "noise": 6.2}
    quality = {
        "above_floor": {"quantile": {"0.5": 161.2, "0.95": 342.5}},
        "ssim": {"mean": 0.66},
        "sharpness": {"mean": 0.139},
    }
    return {
        "samplers": scored,
        "controls": {name: {"kid": score(value), "coverage": score(value / 10)} for name, value in controls.items()},
        "quality": quality,
    }


def inputs(pictures=True, **models):
    rows, curves = {}, {}
    for name, content in models.items():
        rows[name] = {column: value for one in TOPIC.quantities for column, value in one.values(content).items()}
        scored = {**content["samplers"], **content["controls"]}
        lines = [(points, key, *found.values()) for points, scores in scored.items() for key, found in scores.items()]
        columns = dict(zip(("points", "score", *ENDS), map(np.array, zip(*lines, strict=True)), strict=True))
        curves[name] = columns
    kept = {f"quality_{kind}": np.zeros((20, 8, 8, 3), np.uint8) for kind in ("best", "median", "worst")}
    return SimpleNamespace(
        rows=rows, curves={"evaluation": curves}, pictures={name: kept if pictures else {} for name in rows}
    )


def render(made):
    folder = Path(zpoints.report.__path__[0])
    environment = Environment(
        loader=FileSystemLoader([folder, folder / "sections"]), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"percent": numbers.percent, "fixed": numbers.fixed}
    tints = colours(made.rows)
    drawn = plates(made, tints)
    shown = {name: {"source": "", "width": 1, "height": 1, "alt": one.alt} for name, one in drawn.items()}
    page = environment.get_template("evaluation.html").render(
        **context(made), models=list(made.rows), rows=made.rows, tints=tints, plates=shown
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)), drawn


def test_every_quantity_of_the_table_has_its_place_in_the_measurement():
    for one in TOPIC.quantities:
        assert find(measurement(), one.place) is not None, one.place


def test_the_text_says_which_is_worse_beyond_chance_and_which_is_not():
    page, _ = render(inputs(ae=measurement(), vae=measurement(normal=2.5, gaussian=2.4, bootstrap=2.35)))
    ae, vae = page.split("vae: ", 1)
    assert "5.00 (4.90 to 5.10) for N(0, I), 1.20 (1.10 to 1.30) for a Gaussian" in ae
    assert "N(0, I) is worse than the Gaussian beyond chance" in ae and "Even its true" not in ae
    assert "the images do not decide" in vae and "as far from real ones, within chance, as a blur of 2 pixels" in vae
    farther, _ = render(inputs(one=measurement(bootstrap=2.6)))
    assert "Even its true z-points decode to images farther from real ones than a blur" in farther
    better, _ = render(inputs(one=measurement(normal=0.2)))
    assert "N(0, I) is better than the Gaussian" in better


def test_random_points_are_ranked_without_images_own_points_and_controls():
    found = context(inputs(ae=measurement(jitter=0.1, uniform_2=5.5)))["evaluation_ranked"]["ae"]
    assert [name for name, _ in found] == ["mixture of 10", "Gaussian", "N(0, I)", f"[{MINUS}2, 2]"]
    page, _ = render(inputs(ae=measurement()))
    assert "mixture of 10 comes nearest to real images (1.00), N(0, I) stays farthest off (5.00)" in page
    assert "161.2 nats for ae (95% stay below 342.5; SSIM 0.66; 13.9" in page
    assert "a face-KID of 0.01, the same images blurred by 2 pixels 2.30" in page


def test_the_figure_has_samplers_as_rows_and_controls_as_lines():
    _, drawn = render(inputs(ae=measurement()))
    first, second = drawn["evaluation"].figure.axes
    labels = [label.get_text() for label in first.get_yticklabels()]
    assert labels == ["N(0, I)", "Gaussian", "mixture of 10", "true z-points", "reconstructions"]
    assert [(text.get_text(), text.xy[0]) for text in first.texts] == [("real", 0.01), ("blurred", 2.3)]
    assert [(text.get_text(), text.xy[0]) for text in second.texts] == [("real", 0.001)]
    assert "ae: N(0, I) 5.00, Gaussian 1.20, true z-points 0.60" in drawn["evaluation"].alt


def test_reconstructions_are_shown_where_every_model_has_pictures():
    made = inputs(ae=measurement(), vae=measurement())
    page, drawn = render(made)
    assert set(drawn) == {"evaluation", "quality_best", "quality_median", "quality_worst"}
    assert "Reconstructed middling well" in page
    made.pictures["vae"] = {}
    page, drawn = render(made)
    assert set(drawn) == {"evaluation"} and "Reconstructed" not in page


def test_a_run_without_some_samplers_says_what_it_has():
    content = measurement()
    for name in ("gaussian", "bootstrap"):
        del content["samplers"][name]
    page, _ = render(inputs(ae=content))
    none = numbers.MISSING
    assert f"{none} ({none} to {none}) for a Gaussian" in page and "beyond chance" not in page


def test_samplers_have_short_names():
    assert [short(name) for name in ("uniform_1.5", "jitter_0.2", "shell", "new")] == [
        *(f"[{MINUS}1.5, 1.5]", "true z-points, moved 0.2", "shell", "new"),
    ]
