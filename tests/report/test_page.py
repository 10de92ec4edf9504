"""The page is whole in itself, escaped, complete, and every number in it is the measured one."""

import base64
import io
import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image

from tests.report.reading import Page, number
from tests.report.run import AE, MODELS, TINY, VAE, inputs, make_run
from zpoints.report.style import colours
from zpoints.report import facts
from zpoints.report.page import render
from zpoints.report.plates import Plate, draw
from zpoints.report.sections.registry import SECTIONS
from zpoints.latents.samplers import title


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    make_run(root)
    return root


@pytest.fixture(scope="module")
def plates(run, tmp_path_factory):
    return draw(inputs(run), tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def page(run, plates):
    return Page(render(inputs(run), plates))


def blank(found):
    """Plates that cost nothing, for tests that don't look at them."""
    tints = colours(found.rows)
    names = [name for section in SECTIONS if section.shown(found) for name in section.plates(found, tints)]
    return {name: Plate("data:,", 1, 1, name) for name in names}


def test_the_page_needs_no_network_and_no_script(page):
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        for key in ("src", "href", "srcset", "action", "background"):
            assert (attributes.get(key) or "#").startswith(("#", "data:image/webp;base64,"))
        assert "url(" not in (attributes.get("style") or "")
        assert not any(key.startswith("on") for key in attributes)


def test_the_style_sheet_loads_nothing(run):
    found = inputs(run)
    (style,) = re.findall(r"<style>(.*?)</style>", render(found, blank(found)), re.S)
    assert "max-width" in style and "url(" not in style and "@import" not in style


def test_every_anchor_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for tag, attributes in page.elements if tag == "a"} <= set(ids)


def test_every_picture_has_its_size_and_a_text_for_those_who_do_not_see_it(page, plates):
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(images) == len(plates) > 4
    for image in images:
        assert image["alt"] and int(image["width"]) >= 900 and int(image["height"]) > 0


def test_headings_descend_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_heading_of_a_table_has_a_scope_and_words(run, plates):
    html = render(inputs(run), plates)
    heads = re.findall(r"<th\b([^>]*)>(.*?)</th>", html, re.S)
    assert len(heads) > 50
    for attributes, words in heads:
        assert re.search(r'scope="(col|row)"', attributes) and re.sub(r"<[^>]+>", "", words).strip(), words
    assert html.count("<table") == html.count('<div class="scroll" tabindex="0" role="region" aria-label="')


def test_each_figure_tells_a_number_or_the_models_it_shows(plates):
    texts = [plate.alt for plate in plates.values()]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert re.search(r"\d", text) or all(name in text for name in MODELS) or "each model" in text, text


def test_the_page_shows_the_pixels_of_the_figures_in_fewer_bytes(run, tmp_path):
    for name, plate in draw(inputs(run), tmp_path).items():
        packed = base64.b64decode(plate.source.partition(",")[2])
        with Image.open(io.BytesIO(packed)) as shown, Image.open(tmp_path / f"{name}.png") as drawn:
            assert shown.size == (plate.width, plate.height)
            assert shown.tobytes() == drawn.convert("RGB").tobytes(), name
        assert len(packed) < (tmp_path / f"{name}.png").stat().st_size


def test_every_model_and_every_sampler_is_there(page, run):
    for name in MODELS:
        assert name in page.text
    for sampler in inputs(run).samplers:
        assert title(sampler)[1:] in page.text


def test_source_counts_size_and_epochs_are_named(page):
    times = "\N{MULTIPLICATION SIGN}"
    for text in ("Imagestoy faces", "Training30", "Held out10", f"Size16 {times} 16 {times} 3", "Epochs5"):
        assert text in page.text


def test_every_number_in_the_table_is_the_measured_one(page, run):
    rows = json.loads((run / "comparison/models.json").read_text())
    columns = {column for row in rows.values() for column in row}
    assert set(page.table) - {""} == columns
    for column in columns:
        for row, (raw, shown) in zip(rows.values(), page.table[column], strict=True):
            value = row.get(column)
            if isinstance(value, int | float):
                assert float(raw) == value
                assert number(shown) == pytest.approx(value, rel=0.01, abs=0.0501)
            else:
                assert raw is None and shown == (value or "\N{EN DASH}")


def test_texts_from_outside_are_escaped(run):
    found = inputs(run)
    evil = "<b onload=x>&"
    rows = {**found.rows, "ae": {**found.rows["ae"], "batch_norm": evil}}
    used = {**found.used, "ae": {**found.used["ae"], "model": {evil: evil}}}
    layers = {**found.layers, "ae": [{"part": evil, "layer": evil, "output": evil, "parameters": "1"}]}
    data = {**found.data, "source": evil}
    html = render(replace(found, rows=rows, used=used, layers=layers, data=data), blank(found))
    assert "<b onload" not in html and html.count("&lt;b onload=x&gt;&amp;") >= 6


def test_celeba_comes_with_a_note_that_its_images_must_not_be_passed_on(run):
    found = inputs(run)
    for source, expected in {"toy": False, "celeba": True}.items():
        text = Page(render(replace(found, data={**found.data, "source": source}), blank(found))).text
        assert ("non-commercial research" in text and "redistributed" in text) == expected


@pytest.mark.parametrize(
    "models", [{"ae": AE}, {"vae": TINY}, {"a": AE, "b": AE}, {"m": VAE}, {"v": {**TINY, "fact": 0.0, "z_dim": 2}}]
)
def test_any_set_of_models_gives_a_page(tmp_path, models):
    make_run(tmp_path, models)
    found = inputs(tmp_path)
    drawn = draw(found, tmp_path)
    assert ("logvar" in drawn) == any(model["kind"] == "vae" for model in models.values())
    text = Page(render(found, drawn)).text
    assert all(name in text for name in models)
    assert ("Noise of" in text) == ("logvar" in drawn)


def test_the_parameters_used_can_be_pasted_into_params_yaml(page, run):
    from ruamel.yaml import YAML

    for name in MODELS:
        (text,) = re.findall(rf"^{name}: {{kind.*}}$", page.text, re.M)
        used = inputs(run).used[name]
        assert YAML(typ="safe", pure=True).load(text) == {name: used["model"] | used["training"]}


def test_unreadable_images_are_mentioned(run):
    found = inputs(run)
    skipped = replace(found, data={**found.data, "skipped": [{"id": "000001", "reason": "x"}]})
    assert "1 unreadable image was left out" in Page(render(skipped, blank(found))).text
    assert "unreadable" not in Page(render(found, blank(found))).text


def test_samplers_that_unfold_show_one_row_and_say_so(page, plates, run):
    samplers = inputs(run).samplers
    folded = [name for name in samplers if facts.folded(name)]
    assert {"uniform_2", "diagonal"} <= set(folded) and not {"normal", "gaussian"} & set(folded)
    assert page.text.count("the first 10 of 12 images") == len(folded)
    tall, flat = (
        {plates[f"samples_{name}"].height for name in names} for names in (set(samplers) - set(folded), folded)
    )
    assert max(flat) < 0.7 * min(tall)
