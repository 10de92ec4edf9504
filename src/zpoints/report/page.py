"""The page: inputs and figures put into the template. Self-contained: no script, no network, images embedded."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zpoints.report.style import colours
from zpoints.report import facts
from zpoints.report import numbers
from zpoints.report.inputs import Inputs
from zpoints.report.plates import Plate
from zpoints.report.sections.registry import SECTIONS

SOURCES = {"toy": "toy faces", "celeba": "CelebA faces"}


def render(inputs: Inputs, plates: dict[str, Plate]) -> str:
    """The report as HTML. All names and texts from outside are escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": numbers.count,
        "fixed": numbers.fixed,
        "setting": numbers.setting,
        "percent": numbers.percent,
        "significant": numbers.significant,
        "listing": numbers.listing,
        "sigma": facts.sigma,
    }
    rows = inputs.rows
    sections = [section for section in SECTIONS if section.shown(inputs)]
    own: dict[str, Any] = {}
    for section in sections:
        own |= section.context(inputs)
    return environment.get_template("page.html").render(
        **own,
        models=list(rows),
        many=len(rows) > 1,
        source=SOURCES.get(inputs.data["source"], inputs.data["source"]),
        data=inputs.data,
        rows=rows,
        tints=colours(rows),
        vaes=[name for name, row in rows.items() if row["kind"] == "vae"],
        epochs=sorted({int(curve["epoch"][-1]) for curve in inputs.curves["history"].values()}),
        latent=sorted({row["z_dim"] for row in rows.values()}),
        sections=[{"name": section.name, "title": section.heading(inputs)} for section in sections],
        plates=plates,
    )
