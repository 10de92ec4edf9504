"""Judge the claims of claims.yaml by the trainings that `replicates` gathered."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import Out, run


def claims(
    file: Annotated[Path, typer.Option("--claims", help="the claims to read")] = Path("claims.yaml"),
    replicates: Annotated[Path, typer.Option(help="what replicates wrote")] = Path("data/replicates"),
    out: Out = None,
) -> None:
    """Write claims.json and claims.csv into data/claims: estimate, interval, p, verdict; the unit is a training."""
    from zpoints.artifacts import refuse_foreign, whole_folder, write_csv, write_json
    from zpoints.errors import UserError
    from zpoints.reading import read_table
    from zpoints.sweeps.claims import as_json, judge, read_claims

    place = out or Path("data/claims")
    refuse_foreign(place, "claims")
    known = read_claims(file)
    path = replicates / "trainings.csv"
    if not path.exists():
        raise UserError(f"{path}: expected what `python -m stages.replicates` writes, received no such file")
    rows = read_table(path, optional=None).to_dict("records")
    trainings: dict[str, list[dict[str, float]]] = {}
    for row in rows:
        numbers = {key: value for key, value in row.items() if isinstance(value, int | float) and value == value}
        trainings.setdefault(str(row["group"]), []).append(numbers)
    judged = judge(known, trainings)
    lines = [
        {
            "name": name,
            "verdict": row.verdict,
            "claim": row.claim.claim,
            "number": row.claim.number,
            "n": " and ".join(map(str, row.n)),
            "estimate": row.estimate,
            "low": row.low,
            "high": row.high,
            "p": row.p,
            "holm_p": row.holm,
            "n_needed": row.n_needed,
        }
        for name, row in judged.items()
    ]
    with whole_folder(place, "claims") as folder:
        write_json(folder / "claims.json", as_json(judged))
        write_csv(folder / "claims.csv", lines)
    width = max(len(row.verdict) for row in judged.values())
    for row in judged.values():
        print(f"{row.verdict:<{width}}  {row.claim.claim}")


if __name__ == "__main__":
    run(claims)
