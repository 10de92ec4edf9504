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
    claims: Annotated[Path, typer.Option(help="whose numbers and pairs are gathered too")] = Path("claims.yaml"),
    save: Annotated[
        Path | None, typer.Option(help="add the trainings to the tables of this folder, such as docs/results")
    ] = None,
    params: ParamsFile = PARAMS,
    out: Out = None,
) -> None:
    """Write trainings.csv, pairs.csv, replicates.csv, numbers.json, figures and index.html into data/replicates.

    The models of params.yaml are among the trainings.

    Example: python -m stages.replicates seeds
    """
    loaded = parameters(params, None, out, "replicates")
    place = out or Path("data/replicates")

    from zpoints.artifacts import refuse_foreign, whole_folder, write_json
    from zpoints.config.images import Images
    from zpoints.errors import UserError
    from zpoints.report.answers import without_seeds
    from zpoints.sweeps import pairs, provenance
    from zpoints.sweeps import replicates as library
    from zpoints.sweeps.claims import read_claims
    from zpoints.sweeps.page import write_page
    from zpoints.sweeps.settings import SweptModel, models_of, raw_entry, read_sweeps, resolved
    from zpoints.sweeps.settings import trained as trained_models
    from zpoints.sweeps.tables import PAIRS, TRAININGS, merge

    refuse_foreign(place, "replicates")
    known = read_sweeps(sweeps, loaded)
    swept_names = tuple(names or known)
    swept = models_of(swept_names, known, loaded)
    asked = read_claims(claims) if claims.exists() else {}
    places = [column for claim in asked.values() for column in claim.columns if ":" in column]
    paired = {group for claim in asked.values() if claim.test == "pairs" for group in (claim.a, claim.b)}
    models = [SweptModel(name, name, raw_entry(loaded, name), (), ()) for name in trained_models(loaded)]
    models += [model for model in swept if not model.is_base]
    settings = {model.name: resolved(model.entry, loaded) for model in models}
    groups = library.grouped(settings)
    origin = {
        "commit": provenance.commit(Path()),
        "data": provenance.images(LAYOUT.root_data / "shards"),
        "split": provenance.split(LAYOUT.root_data / "shards"),
        "image_size": loaded[Images].size,
    }
    origin = {key: value for key, value in origin.items() if value is not None}
    trainings, members, missing = [], [], []
    for model in models:
        outs = LAYOUT.outs(model)
        measurements = outs / "measurements" / model.base
        # A swept model's losses lie in its folder: the command `train --out` writes all into one.
        trained = (measurements if model.is_base else outs / "models" / model.base) / "training"
        setting, group = settings[model.name], groups[model.name]
        numbers = library.read_numbers(setting, measurements, trained, places)
        if numbers is None:
            missing.append(model.name)
            continue
        shared = without_seeds(setting)
        trainings.append(library.Training(model.name, group, setting["seed"], shared, numbers, origin))
        latents = outs / "latents" / model.base
        if group in paired and (latents / "index.json").exists():
            members.append(pairs.Member(model.name, group, setting["seed"], latents))
    if not trainings:
        raise UserError(
            f"SWEEP: expected trained models, received none; run `python -m stages.sweep run {' '.join(swept_names)}`"
        )
    summaries = library.summarise(trainings)
    found = pairs.table(members)
    tables = library.tables(trainings, summaries) | {"pairs": found.assign(split=origin.get("split"))}
    with whole_folder(place, "replicates") as folder:
        write_json(folder / "numbers.json", library.numbers_of(summaries))
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        write_page(folder, trainings, summaries, missing, CAPTIONS)
    print(f"{len(trainings)} trainings of {len(set(groups.values()))} settings: {place / 'index.html'}")
    if missing:
        print(f"Not trained yet: {', '.join(missing)}")
    if save is not None:
        merge(save / TRAININGS, tables["trainings"], ("model", "split"))
        merge(save / PAIRS, tables["pairs"], ("a", "b", "split"))
        print(f"Saved into {save}; now run `python -m stages.claims --from {save} --docs`")


if __name__ == "__main__":
    run(replicates)
