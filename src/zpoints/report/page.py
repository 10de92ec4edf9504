"""The report: a page with a section for each analysis, and the figures it shows, as files too.

Self-contained: one script of its own, no network, figures embedded; its content security policy allows nothing else.
It knows no analysis by name: an analysis' presentation.py gives figures and the names that its section.html needs,
METRICS the lines of the table, and ANSWERS clauses of the answers that open the page.
"""

import base64
import hashlib
import io
import json
import re
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image
from pydantic import BaseModel, Field

from zpoints.analyses import discovery
from zpoints.progress import track, workers
from zpoints.report import numbers
from zpoints.report.answers import answers, in_brief
from zpoints.report.results import Drawing, Results, Run, presented
from zpoints.report.style import colors_of, rendered, write_png
from zpoints.report.table import table

CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")  # in a text from outside, which a terminal would obey
SOURCES = {"toy": "toy faces", "celeba": "CelebA faces", "lfw": "LFW faces", "folder": "images of your own"}
METHOD, EFFORT = 4, 20  # of lossless WebP: half the time of the defaults for an eighth more bytes
OPEN_GROUPS = 2  # of the table, that are shown at once


class Prepared(BaseModel):
    """prepare.json, as far as the page tells of it."""

    source: str
    train: int = Field(ge=0)
    held_out: int = Field(ge=0)
    size: int = Field(ge=1)
    skipped: list[Any]


@dataclass(frozen=True)
class EmbeddedFigure:
    """A figure as the page shows it."""

    source: str  # data: URI
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, title, template, and what its template needs."""

    name: str
    title: str
    template: str
    context: Mapping[str, Any]
    missing: Mapping[str, str]


def write_report(
    run: Run,
    data: Mapping[str, Any],
    figures: Path,
    page: Path,
    explorer: str = "../explorer/index.html",
    replicates: str | None = None,
    ledger: Mapping[str, Any] | None = None,
    picture: str | None = None,
) -> None:
    """Draw all figures into `figures`, write index.html and answers.txt into `page`; both folders exist.

    data: the numbers of the stage `prepare`.
    explorer, replicates: links from this page to those, the latter where there is one.
    ledger: the claims and their verdicts, as zpoints.report.ledger reads them; None for none.
    picture: link to the picture that `explore` draws beside the explorer, which may come later; None for none.
    """
    rows = run.rows()
    colors = colors_of(rows)
    drawn: dict[str, Future[EmbeddedFigure]] = {}
    sections = []
    lead = None
    with ThreadPoolExecutor(workers()) as pool:
        for name in track(run.analyses, label="figures of the analyses"):
            presentation = discovery.presentation(name)
            results = run.results(name, rows, colors)
            if not results.measurements and results.joint is None:
                if results.missing and discovery.measured(name):
                    sections.append(Section(name, _title(presentation, results), "missing.html", {}, results.missing))
                continue
            with presented(run.folder, name):
                if not getattr(presentation, "shown", lambda results: True)(results):
                    continue
                drawn |= draw(presentation.figures(results), figures, pool)
                context: dict[str, Any] = getattr(presentation, "context", lambda results: {})(results)
                template = f"{name}/section.html"
                sections.append(Section(name, _title(presentation, results), template, context, results.missing))
            lead = lead or getattr(presentation, "LEAD", None)
        with presented(run.folder, "each analysis"):
            embedded = {name: figure.result() for name, figure in drawn.items()}
    common = {
        "models": list(rows),
        "many": len(rows) > 1,
        "source": SOURCES.get(data["source"], data["source"]),
        "data": data,
        "rows": rows,
        "colors": colors,
        "vaes": [name for name, row in rows.items() if row["kind"] == "vae"],
        "latent": sorted({row["z_dim"] for row in rows.values()}),
        "epochs": sorted({row["epochs"] for row in rows.values() if "epochs" in row}),
        "figures": embedded,
        "groups": table(rows, run.groups()),
        "groups_open": OPEN_GROUPS,
        "explorer": explorer,
        "picture": picture,
        "replicates": replicates,
        "entries": {name: _entry(run.entries[name].model_dump(mode="json", exclude_unset=True)) for name in rows},
    }
    templates = environment(discovery.FOLDER)
    filled = []
    for section in sections:
        with presented(run.folder, section.name):
            html = templates.get_template(section.template).render(**common, **section.context)
        filled.append({"name": section.name, "title": section.title, "missing": section.missing, "html": html})
    with presented(run.folder, "each analysis"):
        answered = answers(run, rows, colors, {section.name: section.title for section in sections})
    script = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
    html = templates.get_template("page.html").render(
        **common,
        sections=filled,
        lead=lead,
        answers=answered,
        ledger=ledger,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    (page / "index.html").write_text(CONTROL.sub("\N{REPLACEMENT CHARACTER}", html), encoding="utf-8")
    (page / "answers.txt").write_text("\n".join(map(in_brief, answered)) + "\n", encoding="utf-8")


@cache
def environment(folder: Path) -> Environment:
    """Templates of the report and of a folder. All names and texts from outside are escaped."""
    made = Environment(
        loader=FileSystemLoader([Path(__file__).parent, folder]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        name: getattr(numbers, name) for name in ("count", "fixed", "setting", "percent", "significant", "listing")
    }
    return made


def _title(presentation: ModuleType, results: Results) -> str:
    return presentation.TITLE if isinstance(presentation.TITLE, str) else presentation.TITLE(results)


def _entry(entry: Mapping[str, Any]) -> list[str]:
    """A model's entry as `key: value`, as in params.yaml."""
    return [f"{key}: {value if isinstance(value, str) else json.dumps(value)}" for key, value in entry.items()]


def embed_all(drawings: Mapping[str, Drawing], figures: Path) -> dict[str, EmbeddedFigure]:
    """Draw each figure into `figures` and for the page."""
    with ThreadPoolExecutor(workers()) as pool:
        return {name: figure.result() for name, figure in draw(drawings, figures, pool).items()}


def draw(drawings: Mapping[str, Drawing], figures: Path, pool: Executor) -> dict[str, Future[EmbeddedFigure]]:
    """Draw each figure; in the pool it is written into `figures` and encoded for the page, while the next is drawn."""

    def encode(picture: Image.Image, name: str) -> EmbeddedFigure:
        write_png(picture, figures / f"{name}.png")
        return embed(picture, drawings[name].alt)

    return {name: pool.submit(encode, rendered(drawing.figure), name) for name, drawing in drawings.items()}


def embed(picture: Image.Image, alt: str) -> EmbeddedFigure:
    """A picture as lossless WebP: the same pixels in two thirds of PNG's bytes."""
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "WEBP", lossless=True, method=METHOD, quality=EFFORT)
    source = f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"
    return EmbeddedFigure(source, *picture.size, alt)
