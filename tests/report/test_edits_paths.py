"""The sections on edits and on paths: their numbers, their figures, and what they leave out."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from zpoints.comparison.edits import TOPIC as EDITS
from zpoints.comparison.paths import TOPIC as PATHS
from zpoints.report.sections import edits, paths

import zpoints.report
from tests.report.reading import cells
from zpoints.report import numbers
from zpoints.report.style import colours

STRIP = 5  # a face, its reconstruction, three strengths
ANSWERS = (
    {"x": "Smiling", "y": "Blond_Hair", "triples": 37, "both": 0.351, "before": 0.123, "null": 0.217},
    {"x": "Bangs", "y": "Male", "triples": 41, "both": 0.451, "before": 0.323, "null": 0.417},
)
KINDS = ("linear", "spherical", "origin", "axes", "images_shaped", "gaussian_shaped", "mean_isotropic")


def edit_columns(shift=0.0, attributes=("Smiling", "Blond_Hair", "all")):
    lines = [
        (by, name, strength) for by in ("mean_difference", "normal") for name in attributes for strength in range(4)
    ]
    texts = {key: np.array([line[place] for line in lines]) for place, key in enumerate(("by", "attribute"))}
    strength = np.array([float(line[2]) for line in lines])
    success, identity = 0.111 + 0.2 * strength + shift, 1 - 0.15 * strength
    rest = {
        f"{null}_{key}": own
        for null in ("faces", "random")
        for key, own in (("success", success), ("identity", identity))
    }
    ends = {"success_low": success - 0.1, "success_high": success + 0.1}
    return texts | {"strength": strength, "success": success, "identity": identity} | ends | rest


def path_columns(kinds=KINDS):
    names = np.repeat(kinds, 3)
    place = np.tile([0.0, 0.5, 4], len(kinds))
    return {"path": names, "position": place, "distance": 1 + place, "low": place, "high": 2 + place, "good": place / 4}


def inputs(pictures=True, edited=edit_columns, walked=path_columns):
    rows = {}
    for place, name in enumerate(("ae", "vae")):
        columns = [quantity.column for topic in (EDITS, PATHS) for quantity in topic.quantities]
        rows[name] = {column: round(0.01 + 0.013 * at + 0.5 * place, 3) for at, column in enumerate(columns)}
    rng = np.random.default_rng(0)
    strips = {"edits": rng.integers(0, 256, (2 * STRIP, 8, 8, 3), np.uint8)}
    strips["analogies"] = rng.integers(0, 256, (8, 8, 8, 3), np.uint8)
    strips |= {f"path_{kind}": rng.integers(0, 256, (3, 8, 8, 3), np.uint8) for kind in KINDS}
    return SimpleNamespace(
        rows=rows,
        curves={"edits": {name: edited() for name in rows}, "paths": {name: walked() for name in rows}},
        pictures={name: strips if pictures else {} for name in rows},
        analogies={name: list(ANSWERS) if pictures else [] for name in rows},
    )


def render(section, made):
    environment = Environment(
        loader=FileSystemLoader(Path(zpoints.report.__path__[0])),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = ("count", "fixed", "percent", "setting")
    environment.filters |= {name: getattr(numbers, name) for name in own}
    tints = colours(made.rows)
    drawn = {
        name: {"source": "data:", "width": 1, "height": 1, "alt": drawing.alt}
        for name, drawing in section.plates(made, tints).items()
    }
    name = section.__name__.rpartition(".")[2]
    names = {"plates": drawn, "rows": made.rows, "tints": tints, "models": list(made.rows)}
    return environment.get_template(f"sections/{name}.html").render(**names, **section.context(made))


def test_edits_tells_the_first_strength_beside_none_and_the_judge_of_every_model():
    made = inputs()
    lines = cells(render(edits, made))
    for name, row in made.rows.items():
        told = (numbers.fixed(row["edits_auc_rebuilt"], 2), "11.1%", "31.1% 21.1% to 41.1%", "0.85")
        rest = (numbers.fixed(row["edits_identity_rebuilt"], 2), numbers.fixed(row["edits_identity_two"], 2))
        assert [name, *told, *rest] in lines
    assert "at strength 1 of" in render(edits, made)


def test_analogies_stand_beside_their_start_and_their_null():
    made = inputs()
    made.analogies["vae"].pop()
    head, ae, vae = cells(render(edits, made))[-3:]
    assert head[1:] == ["Smiling and Blond Hair", "Bangs and Male"]
    assert ae[1] == "35.1% of 37 before 12.3% any a, b 21.7%" and ae[2].startswith("45.1% of 41")
    assert vae[1] == ae[1] and vae[2] == numbers.MISSING
    drawn = edits.plates(made, colours(made.rows))["analogies"]
    assert drawn.alt.endswith("Smiling and Blond Hair and Bangs and Male")
    assert "then four for Bangs and Male" in render(edits, made)


def test_edits_draws_the_mean_over_all_attributes_and_a_strip_for_each():
    made = inputs()
    drawn = edits.plates(made, colours(made.rows))
    assert list(drawn) == ["edits", "edits_Smiling", "edits_Blond_Hair", "analogies"]
    first = drawn["edits"].figure.axes[0]
    (line,) = (
        line for line in first.lines if line.get_color() == colours(made.rows)["vae"] and line.get_marker() == "o"
    )
    np.testing.assert_allclose(line.get_ydata(), [0.111, 0.311, 0.511, 0.711])
    assert "Blond Hair added" in drawn["edits_Blond_Hair"].alt
    np.testing.assert_array_equal(edits._strip(made, "ae", "Blond_Hair"), made.pictures["ae"]["edits"][STRIP:])


def test_what_was_not_edited_is_not_shown():
    bare = inputs(edited=lambda: edit_columns(attributes=("none",)))
    assert not edits.shown(bare) and edits.shown(inputs()) and edits.plates(bare, colours(bare.rows)) == {}
    assert "<figure" not in render(edits, bare)


@pytest.mark.parametrize("section", [edits, paths])
def test_without_pictures_the_curves_remain(section):
    made = inputs(pictures=False)
    assert set(section.plates(made, colours(made.rows))) <= {"edits", "paths", "neighbourhood"}
    assert render(section, made).count("<figure") == len(section.plates(made, colours(made.rows)))


def test_paths_tells_widths_with_their_intervals_and_those_beyond_the_last_step():
    made = inputs()
    made.rows["vae"]["paths_width"] = None
    text = render(paths, made)
    own = made.rows["ae"]
    low, high = own["paths_width_low"], own["paths_width_high"]
    told = [cell for line in cells(text) for cell in line]
    assert f"{numbers.fixed(own['paths_width'], 2)} {low:.2f} to {high:.2f}" in told
    assert [cell for cell in told if cell.startswith("more than 4 ")]


def test_paths_draws_the_panels_for_which_there_are_paths():
    made = inputs()
    drawn = paths.plates(made, colours(made.rows))
    titles = [axes.get_title(loc="left") for axes in drawn["neighbourhood"].figure.axes if axes.get_visible()]
    assert titles == ["an image, as faces vary", "the mean, any direction"]
    assert {"paths", "neighbourhood", "path_linear", "path_origin", "path_images_shaped"} <= set(drawn)
    assert "path_images_isotropic" not in drawn
