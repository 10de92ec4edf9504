"""Gather every declared number over trainings: mean, standard deviation between seeds, 95% interval over trainings."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, parameters, run
from stages.sweep import LAYOUT, SweepsFile

CAPTIONS = {
    "dots": "A dot for each training; the line is the 95% interval of the mean over trainings.",
    "rate_distortion": "Distortion against rate, labelled with fact. Both are of held-out images.",
    "radius": "Peak of the radius against the dimensions of the latent space; the dashed line is that of N(0, I).",
}


def replicates(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SWEEP...]", help="names from sweeps.yaml  [default: all]")
    ] = None,
    sweeps: SweepsFile = Path("sweeps.yaml"),
    params: ParamsFile = PARAMS,
    out: Out = None,
) -> None:
    """Write trainings.csv, replicates.csv, numbers.json, figures and index.html into data/replicates.

    The models of params.yaml are among the trainings. Example: python -m stages.replicates seeds
    """
    loaded = parameters(params, None, out, "replicates")
    place = out or Path("data/replicates")

    from zpoints.artifacts import refuse_foreign, whole_folder, write_json
    from zpoints.config.models import Models
    from zpoints.errors import UserError
    from zpoints.sweeps import replicates as library
    from zpoints.sweeps.page import write_page
    from zpoints.sweeps.settings import SweptModel, models_of, raw_entry, read_sweeps, resolved

    refuse_foreign(place, "replicates")
    known = read_sweeps(sweeps, loaded)
    swept_names = tuple(names or known)
    swept = models_of(swept_names, known, loaded)
    models = [SweptModel(name, name, raw_entry(loaded, name), (), ()) for name in loaded[Models]]
    models += [model for model in swept if not model.is_base]
    settings = {model.name: resolved(model.entry, loaded) for model in models}
    groups = library.grouped(settings)
    trainings, missing = [], []
    for model in models:
        outs = LAYOUT.outs(model)
        measurements = outs / "measurements" / model.base
        # A swept model's losses lie in its folder: the command `train --out` writes all into one.
        trained = (measurements if model.is_base else outs / "models" / model.base) / "training"
        setting = settings[model.name]
        numbers = library.read_numbers(model.base, setting, measurements, trained)
        if numbers is None:
            missing.append(model.name)
            continue
        shared = library.without_seeds(setting)
        trainings.append(library.Training(model.name, groups[model.name], setting["seed"], shared, numbers))
    if not trainings:
        raise UserError(
            f"SWEEP: expected trained models, received none; run `python -m stages.sweep run {' '.join(swept_names)}`"
        )
    summaries = library.summarise(trainings)
    with whole_folder(place, "replicates") as folder:
        write_json(folder / "numbers.json", library.numbers_of(summaries))
        for name, table in library.tables(trainings, summaries).items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        write_page(folder, trainings, summaries, missing, CAPTIONS)
    print(f"{len(trainings)} trainings of {len(set(groups.values()))} settings: {place / 'index.html'}")
    if missing:
        print(f"Not trained yet: {', '.join(missing)}")


if __name__ == "__main__":
    run(replicates)
