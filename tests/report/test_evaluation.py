"""The section on scores of decoded images, rendered by itself."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from zpoints.comparison.evaluation import TOPIC
from zpoints.comparison.topic import find
from zpoints.report.sections.evaluation import context, plates, short

import zpoints.report
from tests.report.reading import cells
from zpoints.report import numbers
from zpoints.report.style import colours

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


def source(made):
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
    return page, drawn


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def render(made):
    html, drawn = source(made)
    return words(html), drawn


def test_every_quantity_of_the_table_has_its_place_in_the_measurement():
    for one in TOPIC.quantities:
        assert find(measurement(), one.place) is not None, one.place


def test_the_text_says_which_is_worse_beyond_chance_and_which_is_not():
    html = source(inputs(ae=measurement(), vae=measurement(normal=2.5, gaussian=2.4, bootstrap=2.35)))[0]
    page, (_, ae, *_) = words(html), cells(html)
    assert ae[:3] == ["ae", "5.00 4.90 to 5.10", "1.20 1.10 to 1.30"]
    assert "N(0, I) is worse than the Gaussian beyond chance for ae:" in page
    assert "the images do not decide for vae." in page and "as a blur of 2 pixels takes these, for vae." in page
    assert "as far from real ones, within chance" in page and "farther from real ones" not in page
    farther, _ = render(inputs(one=measurement(bootstrap=2.6)))
    assert "Even true z-points decode to images farther from real ones than a blur" in farther
    better, _ = render(inputs(one=measurement(normal=0.2)))
    assert "N(0, I) is better than the Gaussian" in better and "worse" not in better


def test_random_points_are_ranked_without_images_own_points_and_controls():
    found = context(inputs(ae=measurement(jitter=0.1, uniform_2=5.5)))["evaluation_ranked"]["ae"]
    assert [name for name, _ in found] == ["mixture of 10", "Gaussian", "N(0, I)", f"[{MINUS}2, 2]"]
    html = source(inputs(ae=measurement()))[0]
    assert cells(html)[1][3:] == ["1.00 mixture of 10", "5.00 N(0, I)", "0.60", "0.65"]
    assert cells(html)[3] == ["ae", "161.2", "342.5", "0.66", "13.9%"]
    assert "a face-KID of 0.01, the same images blurred by 2 pixels (where a picture has 96 across) 2.30" in words(html)


def test_the_mean_face_is_spoken_of_where_it_was_scored():
    content = measurement()
    assert "mean face" not in render(inputs(ae=content))[0]
    content["controls"]["mean_face"] = {"kid": score(7.1), "coverage": score(0.0)}
    assert "0 for the same, 7.1 for copies of the mean face" in render(inputs(ae=content))[0]


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
    html, none = source(inputs(ae=content))[0], numbers.MISSING
    assert cells(html)[1][2] == f"{none} {none} to {none}" and "beyond chance" not in words(html)
    own = measurement()
    own["samplers"] = {name: own["samplers"][name] for name in ("bootstrap", "reconstructions")}
    assert cells(source(inputs(ae=own))[0])[1][3:5] == [none, none]


def test_samplers_have_short_names():
    assert [short(name) for name in ("uniform_1.5", "jitter_0.2", "shell", "new")] == [
        *(f"[{MINUS}1.5, 1.5]", "true z-points, moved 0.2", "shell", "new"),
    ]
