"""Judge the claims of claims.yaml by the tables that `replicates` gathered, or by the committed copy of them."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import Out, run
from stages._tensorflow import start_tensorflow


def claims(
    file: Annotated[Path, typer.Option("--claims", help="the claims to read")] = Path("claims.yaml"),
    tables: Annotated[Path, typer.Option("--from", help="folder of trainings.csv and pairs.csv")] = Path(
        "data/replicates"
    ),
    docs: Annotated[
        bool, typer.Option("--docs", help="also write the tables of docs/results.md and README.md")
    ] = False,
    out: Out = None,
) -> None:
    """Write claims.json and claims.csv into data/claims: estimate, interval, p, verdict; the unit is a training.

    Example: python -m stages.claims --from docs/results
    """
    from zpoints.artifacts import refuse_foreign, whole_folder, write_csv, write_json
    from zpoints.sweeps import ledger
    from zpoints.sweeps.claims import judge, read_claims
    from zpoints.sweeps.tables import Tables

    start_tensorflow()  # for the claims on networks
    place = out or Path("data/claims")
    refuse_foreign(place, "claims")
    known = read_claims(file)
    found = Tables.read(tables)
    judged = judge(known, found)
    texts = ledger.pages(judged, found, Path("docs/results.md"), Path("README.md")) if docs else {}
    rows = ledger.rows(judged)
    with whole_folder(place, "claims") as folder:
        write_json(folder / "claims.json", ledger.as_json(judged))
        write_csv(folder / "claims.csv", rows)
    if docs:
        write_json(tables / "claims.json", ledger.as_json(judged))
        write_csv(tables / "claims.csv", rows)
        ledger.write(texts)
    width = max((len(row.verdict) for row in judged.values()), default=0)
    for row in judged.values():
        print(f"{row.claim.row:>2}  {row.verdict:<{width}}  {row.claim.claim}")


if __name__ == "__main__":
    run(claims)
