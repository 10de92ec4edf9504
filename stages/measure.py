"""Ask one question of one model, or of all pairs of models."""

import inspect
import sys
from pathlib import Path
from typing import Annotated

import typer

from stages._blas import numbers_in, one_thread_for_few
from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.analyses import discovery
from zpoints.artifacts import refuse_foreign

Analysis = Annotated[str, typer.Argument(metavar="ANALYSIS", help="the question: a folder of src/zpoints/analyses")]
ModelName = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="a name from `models` in params.yaml; none for pair_analyses")
]


def measure(
    analysis: Analysis,
    model: ModelName = None,
    shards: Annotated[Path, typer.Option(help="the prepared images")] = Path("data/shards"),
    latents: Annotated[Path, typer.Option(help="holds the z-points of each model")] = Path("data/latents"),
    models: Annotated[Path, typer.Option(help="holds the trained models")] = Path("data/models"),
    features: Annotated[Path, typer.Option(help="features of real images")] = Path("data/features"),
    measurements: Annotated[Path, typer.Option(help="holds each model's measurements")] = Path("data/measurements"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure, and write numbers.json, tables (CSV) and arrays (.npy) into data/measurements/MODEL/ANALYSIS.

    Those of pair_analyses go into data/measurements/_pairs/ANALYSIS.

    Example: python -m stages.measure radius vae
    """
    stage = f"measure {analysis}"
    loaded = parameters(params, set_param, out, stage)
    pairs = analysis in discovery.names() and discovery.config_class(analysis).group == "pair_analyses"
    place = out or Path("data/measurements", discovery.PAIRS if pairs else model or "", analysis)
    refuse_foreign(place, stage)

    from zpoints.analyses.inputs import Folders, Inputs
    from zpoints.errors import UserError
    from zpoints.measurement import Measurement, NotMeasurable

    if pairs and model is not None:
        raise UserError(f"MODEL: expected none, {analysis} takes all models; received {model}")
    inputs = Inputs(loaded, Folders(shards, latents, models, features, measurements), model)
    if analysis in discovery.names() and analysis not in loaded.analyses:
        Measurement.missing("switched off in the params file").write(place, stage)
        return
    one_thread_for_few(numbers_in(latents, model))
    config = loaded.analysis(analysis)
    function = discovery.measure_function(analysis)
    if {"model", "feature_space"} & discovery.needs(function):
        from stages._tensorflow import start_tensorflow

        start_tensorflow()
    try:
        found = function(**inputs.of(function, config))
    except NotMeasurable as reason:
        print(f"{analysis}: not measurable: {reason}", file=sys.stderr)
        found = Measurement.missing(str(reason))
    found.write(place, stage)


def described(arguments: list[str]) -> str:
    """For --help: the questions, a line each; behind the name of one, its numbers."""
    names = [name for name in discovery.names() if name in arguments] or discovery.names()
    if len(names) == 1:
        metrics = discovery.presentation(names[0]).METRICS.metrics
        lines = [(metric.column + ("_*" if metric.many else ""), metric.meaning) for metric in metrics]
        least = discovery.config_class(names[0])().minimum()
        title = f"Needs at least {least}, with its defaults. Its numbers, as the comparison calls them:"
    else:
        lines = [(name, discovery.first_line(name)) for name in names]
        title = "Analyses (`python -m stages.measure ANALYSIS --help` lists the numbers of one):"
    width = max(len(name) for name, _ in lines)
    return "\n".join(["", title, "", "\b", *(f"  {name:<{width}}  {text}" for name, text in lines)])


if __name__ == "__main__":
    if "--help" in sys.argv:
        measure.__doc__ = f"{inspect.getdoc(measure)}\n{described(sys.argv[1:])}"
    run(measure)
