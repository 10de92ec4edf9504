"""What every analysis gives to the table and the report, whatever it found."""

import base64
import hashlib
import io
import json
import re
import shutil
from itertools import combinations, pairwise
from urllib.parse import urljoin

import pytest
from PIL import Image
from ruamel.yaml import YAML

from tests.contract.lab import contents
from tests.contract.reading import SUPERSCRIPTS, TIMES, Page, cells, number
from zpoints.analyses import discovery
from zpoints.artifacts import write_json
from zpoints.config.models import Models
from zpoints.errors import UserError
from zpoints.measurement import Measurement, find
from zpoints.report import page as page_module
from zpoints.report.answers import QUESTIONS
from zpoints.report.comparison import write_comparison, write_metrics
from zpoints.report.ledger import read_ledger
from zpoints.report.numbers import MINUS
from zpoints.report.page import EmbeddedFigure, write_report
from zpoints.report.results import Run
from zpoints.sweeps.claims import Claim, judge
from zpoints.sweeps.ledger import as_json
from zpoints.sweeps.tables import Tables

pytestmark = pytest.mark.slow
EXPLORER, PICTURE = "../explorer/index.html", "../explorer.png"  # what the page refers to
DATA = {"source": "toy", "images": 900, "train": 600, "held_out": 300, "size": 16, "skipped": []}


def training_measurement(run_folder, models):
    """What the stage train writes, in the least form."""
    import pandas as pd

    history = pd.DataFrame({"epoch": [1, 2], "reco": [2.0, 1.0], "val_reco": [2.0, 1.5]})
    layers = pd.DataFrame({"part": ["encoder"], "layer": ["conv"], "output": ["4x4x4"], "parameters": [100]})
    speed = pd.DataFrame({"epoch": [1], "seconds": [1.0], "images_per_second": [600.0]})
    for model in models:
        tables = {"history": history, "parameters": layers, "speed": speed}
        Measurement({"epochs": 2}, tables).write(run_folder / model / "training", "train")


@pytest.fixture(scope="session")
def folder(measured_lab):
    place = measured_lab.lab.folder / "measurements"
    training_measurement(place, measured_lab.lab.params[Models])
    return place


def report(params, folder, out, data=DATA):
    """The page of what lies in `folder`, by way of a comparison."""
    for name in ("comparison", "figures", "page", "metrics"):
        (out / name).mkdir(parents=True)
    run = Run(params, folder)
    write_comparison(run, out / "comparison")
    write_metrics(run, out / "metrics")
    write_report(Run(params, folder, out / "comparison"), data, out / "figures", out / "page", picture=PICTURE)
    Image.new("RGB", (10, 7)).save(out / "page" / PICTURE)  # later, as in the pipeline
    return (out / "page" / "index.html").read_text()


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are built and not rendered, for tests that don't look at their pixels."""
    monkeypatch.setattr(page_module, "embed", lambda picture, alt: EmbeddedFigure("data:,", 1, 1, alt))
    monkeypatch.setattr(page_module, "rendered", lambda figure: None)
    monkeypatch.setattr(page_module, "write_png", lambda picture, path: None)


@pytest.fixture(scope="session")
def full(measured_lab, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    return report(measured_lab.lab.params, folder, out), out


def test_metric_columns_are_unique():
    columns = [
        metric.column for name in discovery.presented() for metric in discovery.presentation(name).METRICS.metrics
    ]
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("name", discovery.names())
def test_each_metric_stands_in_some_measurement(name, measured_lab):
    """A place that no model's numbers have would be a line that never appears."""
    numbers = [found.numbers for (analysis, _), found in measured_lab.found.items() if analysis == name]
    for metric in discovery.presentation(name).METRICS.metrics:
        place = metric.place.removesuffix(".*")
        if not any(find(each, place) is not None for each in numbers):
            source = discovery.FOLDER / name / "method"
            text = "".join(path.read_text() for path in source.glob("*.py"))
            assert place.rpartition(".")[2].split("_")[0] in text, metric.column


def test_headlines_fit_a_terminal(full):
    _, out = full
    lines = [json.loads(path.read_text()) for path in sorted((out / "metrics").iterdir())]
    columns = {column for line in lines for column in line}
    assert 5 <= len(columns) <= 12
    assert sum(max(len(column), 8) + 4 for column in columns) + 24 <= 160  # as DVC prints them


def test_report_has_a_section_for_each_analysis(full):
    html, _ = full
    sections = re.findall(r'<section id="([a-z_]+)">', html)
    assert set(discovery.presented()) <= set(sections)
    assert sections.count("radius") == 1


def test_figures_have_texts_and_the_page_one_script(full):
    html, _ = full
    assert html.count("<script") == 1 and "http://" not in html and "https://" not in html
    texts = re.findall(r'<img[^>]* alt="([^"]*)"', html)
    assert len(texts) >= len(discovery.names()) and all(texts)


def halves(names):
    """Six sets of up to 20 names: for any two names, there is one with the first and without the second."""
    sets_of = dict(zip(names, combinations(range(6), 3), strict=False))
    assert len(sets_of) == len(names)
    return [{name for name, sets in sets_of.items() if number in sets} for number in range(6)]


OF_MODELS = [name for name in discovery.names() if discovery.config_class(name).group != "pair_analyses"]


@pytest.mark.parametrize("absent", halves(discovery.names()))
def test_report_survives_without_some_analyses(absent, undrawn, measured_lab, folder, tmp_path):
    params = measured_lab.lab.params
    rest = {key: config for key, config in params.analyses.items() if key not in absent}
    html = report(type(params)(params._blocks, rest), folder, tmp_path)
    assert not [name for name in absent if f'<section id="{name}">' in html]


@pytest.mark.parametrize("absent", halves(OF_MODELS))
def test_report_says_what_could_not_be_measured(absent, undrawn, measured_lab, folder, tmp_path):
    copy = tmp_path / "measurements"
    shutil.copytree(folder, copy)
    for name in absent:
        for model in ("ae", "vae"):
            shutil.rmtree(copy / model / name)
            Measurement.missing(f"{name} needs <images>").write(copy / model / name, f"measure {name}")
    html = report(measured_lab.lab.params, copy, tmp_path / "out")
    assert all(html.count(f"{name} needs &lt;images&gt;") >= 2 for name in absent)


def test_measurements_survive_the_disk(measured_lab):
    for (name, model), found in measured_lab.found.items():
        place = measured_lab.lab.folder / "measurements" / (model or discovery.PAIRS) / name
        read = Measurement.read(place)
        assert read.numbers == json.loads(json.dumps(found.numbers))
        assert set(read.tables) == set(found.tables) and set(read.arrays) == set(found.arrays)


def test_measuring_twice_gives_the_same_bytes(measured_lab):
    """All of `vae` was; here what is measured of pairs is measured again."""
    folder = measured_lab.lab.folder / "measurements"
    for name in discovery.names():
        if discovery.config_class(name).group == "pair_analyses":
            before = contents(folder / discovery.PAIRS / name)
            measured_lab.lab.measure(name, None)
            assert before == contents(folder / discovery.PAIRS / name), name
        else:
            assert contents(folder / "vae_tiny" / name) == contents(folder / "vae" / name), name


# The page as a whole.


@pytest.fixture(scope="session")
def page(full):
    return Page(full[0])


@pytest.fixture(scope="session")
def rows(full):
    return json.loads((full[1] / "comparison/models.json").read_text())


def test_page_needs_no_network(page, full):
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        for key in ("src", "href", "srcset", "action", "background"):
            value = attributes.get(key) or "#"
            assert value in (EXPLORER, PICTURE) or value.startswith(("#", "data:image/webp;base64,"))
        assert "url(" not in (attributes.get("style") or "")
        assert not any(key.startswith("on") for key in attributes)
    (style,) = re.findall(r"<style>(.*?)</style>", full[0], re.S)
    assert "max-width" in style and "url(" not in style and "@import" not in style


def test_content_policy_allows_the_own_script_alone(page, full):
    (policy,) = [attributes["content"] for tag, attributes in page.elements if "http-equiv" in attributes]
    (script,) = re.findall(r"<script>(.*?)</script>", full[0], re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data: 'self' file:;") and policy.endswith(
        f"script-src 'sha256-{digest}'"
    )


def test_every_anchor_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert targets - {f"#{name}" for name in ids} == {EXPLORER}


def test_headings_descend_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_table_headings_have_scope_and_words(full):
    heads = re.findall(r"<th\b([^>]*)>(.*?)</th>", full[0], re.S)
    assert len(heads) > 50
    for attributes, words in heads:
        assert re.search(r'scope="(col|row)"', attributes) and re.sub(r"<[^>]+>", "", words).strip(), words
    assert full[0].count("<table") == full[0].count('<div class="scroll" tabindex="0" role="region" aria-label="')


def test_figure_texts_differ_and_tell_something(page, rows):
    texts = [attributes["alt"] for tag, attributes in page.elements if tag == "img" and attributes["src"] != PICTURE]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert re.search(r"\d", text) or all(name in text for name in rows) or "each model" in text, text


def test_page_shows_the_pixels_of_the_figure_files(full):
    html, out = full
    for name, source in re.findall(
        r'<figure id="figure-([\w.]+)">\s*<button[^>]*><img src="data:image/webp;base64,([^"]+)"', html
    ):
        with (
            Image.open(io.BytesIO(base64.b64decode(source))) as shown,
            Image.open(out / f"figures/{name}.png") as drawn,
        ):
            assert shown.convert("RGB").tobytes() == drawn.convert("RGB").tobytes(), name


def test_every_number_of_the_table_is_the_measured_one(page, rows):
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


POWER = f"10[{SUPERSCRIPTS}]+"
NUMBER = rf"(?<!\w){MINUS}?(?:[\d.,]*\d{TIMES})?{POWER}|(?<!\w){MINUS}?[\d.,]*\d%?"
# By the name of a section's table: for each cell of a line, the columns of models.json in the order of its numbers.
TABLES = {
    "Radius of the z-points": [
        *(
            "radius_peak radius_peak_low radius_peak_high",
            "radius_mean",
            "radius_std",
            "gaussian_radius_std",
            "radius_ks",
        ),
    ],
    "Noise of each VAE": ["fact", "logvar_mean", "", "balance balance_min balance_max", "active_units"],
    "The law of logvar": [
        *("logvar_active", "logvar_law", "logvar_law_noise", "law_correlation"),
        *("law_ratio law_ratio_low law_ratio_high", "law_images", "noise_cost"),
    ],
    "Axes of mu": [
        *("axes_not_normal axes_tested axes_not_normal_null", "pairs_correlated pairs_correlated_null"),
        *("correlation correlation_null", "origin_mahalanobis origin_gaussian_median"),
        "origin_farther origin_gaussian_farther",
    ],
    "Shape of the cloud": ["components_95 z_dim components_95_independent", "participation_ratio"],
    "Neighbors": [
        *(
            "distance_ratio distance_ratio_low distance_ratio_high",
            "distance_over_elliptical",
            "distance_over_permuted",
        ),
        *("two_nn_ratio two_nn_ratio_low two_nn_ratio_high", "two_nn_over_elliptical", "two_nn_over_permuted"),
    ],
    "Tests of normality": [
        *("removed removed_null", "axes_pass", "axes_pass_core axes_pass_core_null"),
        "beyond_999_core beyond_999_core_null beyond_999_core_elliptical beyond_999_core_permuted",
        "henze_zirkler_core henze_zirkler_core_null henze_zirkler_core_elliptical henze_zirkler_core_permuted",
        "henze_zirkler_core_p",
    ],
    "Quality of the reconstructions": [
        *("quality_above_floor", "quality_above_floor_most", "quality_ssim", "quality_sharpness"),
    ],
    "Distance from real images": ["paths_linear", "paths_spherical", "paths_mean", "paths_origin"],
}


@pytest.mark.parametrize("label", TABLES)
def test_numbers_of_a_section_are_the_measured_ones(full, rows, label):
    (table,) = re.findall(rf'aria-label="{re.escape(label)}">(.*?)</table>', full[0], re.S)
    lines = [line for line in cells(table) if line[0] in rows]
    assert lines
    for name, *line in lines:
        for cell, columns in zip(line, TABLES[label], strict=False):
            values = [rows[name].get(column) for column in columns.split()]
            if columns and None not in values:
                shown = re.findall(NUMBER, cell)
                assert [number(text) for text in shown] == pytest.approx(values, rel=0.02, abs=0.06), cell


def test_celeba_comes_with_a_note(full, undrawn, measured_lab, folder, tmp_path):
    html = report(measured_lab.lab.params, folder, tmp_path, {**DATA, "source": "celeba"})
    for words in ("non-commercial research", "redistributed"):
        assert words in html and words not in full[0]


def test_foreign_names_are_escaped(undrawn, measured_lab, folder, tmp_path):
    evil = "<b onload=x>&"
    skipped = [{"id": evil, "reason": evil}]
    html = report(measured_lab.lab.params, folder, tmp_path, {**DATA, "source": evil, "skipped": skipped})
    assert "<b onload" not in html and html.count("&lt;b onload=x&gt;&amp;") >= 2
    assert "1 unreadable image was left out" in html


def test_entries_can_be_pasted_into_params_yaml(page, measured_lab):
    for name, entry in measured_lab.lab.params[Models].root.items():
        (text,) = re.findall(rf"^{name}: {{kind.*}}$", page.text, re.M)
        assert YAML(typ="safe", pure=True).load(text) == {name: entry.model_dump(mode="json", exclude_unset=True)}


def test_comparison_gathers_the_tables_of_all_models(full, measured_lab):
    lines = (full[1] / "comparison/radius/radius.csv").read_text().splitlines()
    assert lines[0].startswith("model,radius,mu") and {line.split(",")[0] for line in lines[1:]} == set(
        measured_lab.lab.params[Models]
    )


# The page in a browser.


@pytest.mark.parametrize("width", [1400, 390])
def test_page_works_in_a_browser(full, browser, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    tab, faults, requests = context.new_page(), [], []
    tab.set_default_timeout(120_000)
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    address = (full[1] / "page" / "index.html").as_uri()
    tab.goto(address)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    links = tab.locator("nav a")
    assert links.count() >= len(discovery.presented())
    for link in links.all():
        link.click()
        section = tab.locator(f"section{link.get_attribute('href')}")
        assert -1 <= section.bounding_box()["y"] <= 900, link.get_attribute("href")
        if width == 1400:
            assert link.bounding_box()["y"] >= 0  # the contents stay in sight
    figure, zoom = tab.locator("button.zoom").first, tab.locator("#zoom")
    figure.click()
    assert zoom.locator("img").bounding_box()["width"] > figure.bounding_box()["width"]
    tab.keyboard.press("Escape")
    assert not zoom.is_visible()
    figure.focus()
    tab.keyboard.press("Enter")
    assert zoom.is_visible()
    assert tab.locator("figure.explorer img").evaluate("image => image.naturalWidth") == 10
    assert not faults
    assert {url for url in requests if not url.startswith("data:")} == {address, urljoin(address, PICTURE)}
    context.close()


def test_page_shows_ledger_and_links_to_pages_beside_it(undrawn, measured_lab, folder, tmp_path):
    questions = {
        "same": {"test": "equivalent", "number": "x", "a": "ae", "b": "vae", "margin": 3},
        "less": {"test": "range", "number": "<b>", "a": "ae", "low": 0, "high": 1, "primary": False},
    }
    claims = {name: Claim.model_validate({"row": 7, "claim": f"{name}?", **keys}) for name, keys in questions.items()}
    rows = [{"group": group, "seed": seed, "x": 100 + seed / 10} for group in ("ae", "vae") for seed in range(5)]
    write_json(tmp_path / "claims.json", as_json(judge(claims, Tables(rows))))
    pages = ("../e/index.html", "../r/index.html")
    run = Run(measured_lab.lab.params, folder)
    ledger = read_ledger(tmp_path / "claims.json")
    write_report(run, DATA, tmp_path, tmp_path, *pages, ledger=ledger, picture=PICTURE)
    html = (tmp_path / "index.html").read_text()
    assert re.findall(r'href="(\.\./[^"]*)"', html) == [pages[0], *pages]
    assert f'<a href="{pages[0]}"><img src="{PICTURE}"' in html
    assert (
        "1 equivalent" in html
        and "<b>equivalent</b>" in html
        and "1 exploratory claims" in html
        and "&lt;b&gt;" in html
    )
    assert html.index('id="ledger"') < html.index('<section id="models"')
    assert read_ledger(tmp_path / "none.json") is None
    (tmp_path / "claims.json").write_text('{"same": {"row": "seven"}}')
    with pytest.raises(UserError, match=r"claims.json: same.row: expected"):
        read_ledger(tmp_path / "claims.json")


def test_tables_scroll_on_a_phone(full, browser):
    tab = browser.new_page(viewport={"width": 390, "height": 900})
    tab.goto((full[1] / "page" / "index.html").as_uri())
    wide = "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 20)"
    assert tab.evaluate(f"{wide}.length") >= 3
    assert "local, local, scroll, scroll" in tab.evaluate(f"getComputedStyle({wide}[0]).backgroundAttachment")
    tab.close()


# The answers that open it.


def answers_of(html):
    return dict(re.findall(r"<dt>([^<]*\?)</dt>\s*<dd>(.*?)\s*(?:<p|</dd>)", html, re.S))


def test_page_opens_with_an_answer_to_each_question(full, rows):
    found = answers_of(full[0])
    assert list(found) == list(QUESTIONS.values())
    assert all(re.search(r"\d", text) and "Not answered" not in text for text in found.values())
    assert found[QUESTIONS["tiny_kl"]].startswith("Undecided: one training")
    assert f"{rows['ae']['radius_peak']:.2f} (" in found[QUESTIONS["places"]]
    assert full[0].count("One training each") == len(QUESTIONS)


def test_answers_are_lines_for_a_terminal(full):
    lines = (full[1] / "page" / "answers.txt").read_text().splitlines()
    assert len(lines) == len(QUESTIONS)
    for question, line in zip(QUESTIONS.values(), lines, strict=True):
        assert line.startswith(f"{question} ") and "One training each" in line


def test_questions_without_analyses_say_what_is_missing(undrawn, measured_lab, folder, tmp_path):
    params = measured_lab.lab.params
    found = answers_of(report(type(params)(params._blocks, {}), folder, tmp_path))
    for key in ("places", "faces"):
        assert found[QUESTIONS[key]] == "Not answered here: no analysis that answers it is switched on."


def test_autoencoder_alone_has_no_vae_to_compare(undrawn, measured_lab, folder, tmp_path):
    params = measured_lab.lab.params
    blocks = dict(params._blocks)
    blocks["models"] = type(blocks["models"])({"ae": blocks["models"]["ae"]})
    analyses = {name: config for name, config in params.analyses.items() if config.group != "pair_analyses"}
    html = report(type(params)(blocks, analyses), folder, tmp_path)
    assert 'id="radius"' in html
    found = answers_of(html)
    for key in ("tiny_kl", "fact"):
        assert "lacks a VAE with fact up to 0.001" in found[QUESTIONS[key]]
    assert "for ae" in found[QUESTIONS["places"]]


def test_reason_of_what_was_not_measured_is_the_answer(undrawn, measured_lab, folder, tmp_path):
    copy = tmp_path / "measurements"
    shutil.copytree(folder, copy)
    asked = [name for name in discovery.names() if "faces" in getattr(discovery.presentation(name), "ANSWERS", {})]
    for name in asked:
        for model in measured_lab.lab.params[Models]:
            shutil.rmtree(copy / model / name)
            Measurement.missing("no faces").write(copy / model / name, f"measure {name}")
    found = answers_of(report(measured_lab.lab.params, copy, tmp_path / "out"))
    assert asked and found[QUESTIONS["faces"]] == "Not answered here: no faces."
