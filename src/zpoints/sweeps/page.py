"""The page of the replicates: figures and one table, self-contained like the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zpoints.report import page, results
from zpoints.sweeps import figures
from zpoints.sweeps.replicates import Summary, Training, declared, tables


def write_page(
    folder: Path,
    trainings: Sequence[Training],
    summaries: Sequence[Summary],
    missing: Sequence[str],
    captions: Mapping[str, str],
) -> None:
    """Write index.html and the folder figures/ into the existing `folder`."""
    measured = {summary.column for summary in summaries}
    headlines = [metric for _, metric in declared() if metric.headline and metric.column in measured]
    drawn = {
        "dots": figures.dots(trainings, summaries, headlines) if headlines else None,
        "rate_distortion": figures.rate_distortion(trainings),
        "radius": figures.radius_of_dimensions(trainings),
    }
    (folder / "figures").mkdir()
    drawings = {name: results.Drawing(figure, captions[name]) for name, figure in drawn.items() if figure is not None}
    embedded = page.embed_all(drawings, folder / "figures")
    frame = tables(trainings, summaries)["replicates"].sort_values("column", kind="stable")
    html = (
        page.environment(Path(__file__).parent)
        .get_template("replicates.html")
        .render(
            trainings=trainings,
            groups=dict.fromkeys(training.group for training in trainings),
            figures=embedded,
            captions=captions,
            missing=missing,
            lines=frame.astype(object).where(frame.notna(), None).to_dict("records"),
        )
    )
    (folder / "index.html").write_text(html, encoding="utf-8")
