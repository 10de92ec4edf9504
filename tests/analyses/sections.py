"""The section of one analysis, rendered by itself."""

from zpoints.analyses import discovery
from zpoints.report.page import EmbeddedFigure, environment
from zpoints.report.results import Results
from zpoints.report.style import colors_of


def results_of(name, measurements, joint=None, models=None):
    """What an analysis gives to its section, from measurements by model."""
    metrics = discovery.presentation(name).METRICS
    rows = {model: metrics.values(measurement.numbers) for model, measurement in measurements.items()}
    rows = {model: rows.get(model, {}) for model in models or measurements}
    return Results(tuple(rows), measurements, {}, joint, rows, colors_of(rows))


def section(name, results, **more):
    """The HTML of a section, and its drawings by name."""
    presentation = discovery.presentation(name)
    drawings = presentation.figures(results)
    figures = {figure: EmbeddedFigure("data:", 1, 1, drawing.alt) for figure, drawing in drawings.items()}
    common = {"models": list(results.models), "rows": results.rows, "colors": results.colors, "figures": figures}
    context = getattr(presentation, "context", lambda results: {})(results)
    html = (
        environment(discovery.FOLDER)
        .get_template(f"{name}/section.html")
        .render(**common, **more, many=len(results.models) > 1, **context)
    )
    return html, drawings
