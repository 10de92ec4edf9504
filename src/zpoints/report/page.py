"""The page: inputs and figures put into the template. Self-contained: no script, no network, images embedded."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zpoints.figures.grids import COLUMNS
from zpoints.figures.style import colours
from zpoints.report import facts, numbers
from zpoints.report.inputs import RECONSTRUCTIONS, Inputs
from zpoints.report.plates import SAMPLE_ROWS, Plate
from zpoints.report.table import groups

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
    latent = sorted({row["z_dim"] for row in rows.values()})
    return environment.get_template("page.html").render(
        source=SOURCES.get(inputs.data["source"], inputs.data["source"]),
        data=inputs.data,
        rows=rows,
        tints=colours(rows),
        vaes=list(inputs.logvar),
        bce=[name for name in rows if "floor" in inputs.history[name]],
        epochs=sorted({int(curve["epoch"][-1]) for curve in inputs.history.values()}),
        latent=latent,
        radius_of={z_dim: facts.expected_radius("normal", z_dim)[0] for z_dim in latent},  # type: ignore[index]
        floors=facts.floors(inputs),
        groups=groups(rows),
        samplings=facts.samplings(inputs),
        samples_shown=SAMPLE_ROWS * COLUMNS,
        reconstructions=len(inputs.pictures[next(iter(rows))][RECONSTRUCTIONS]),
        reconstructions_shown=COLUMNS,
        used=facts.parameters_used(inputs),
        layers=inputs.layers,
        totals={name: facts.part_totals(lines) for name, lines in inputs.layers.items()},
        plates=plates,
    )
