"""The ledger of claims as the report shows it: read from data/claims/claims.json, which `stages.claims` writes."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel

from zpoints.reading import read_json


class Row(BaseModel):
    """A claim with its verdict; None where nothing was measured."""

    row: int
    claim: str
    verdict: str
    primary: bool
    estimand: str
    n: list[int]
    estimate: float | None
    low: float | None
    high: float | None
    margin: str
    null: str
    p: float | None
    holm_p: float | None
    n_needed: int | None
    confounds: str
    needs: str


class Ledger(RootModel[dict[str, Row]]):
    """All claims by name."""


def read_ledger(path: Path) -> dict[str, Any] | None:
    """What ledger.html needs: the primary and the other claims; None where no claim was judged.

    Raises UserError for a damaged file.
    """
    if not path.exists():
        return None
    rows = list(read_json(path, Ledger).root.values())
    verdicts = [row.verdict for row in rows if row.primary]
    return {
        "primary": [row for row in rows if row.primary],
        "others": [row for row in rows if not row.primary],
        "counts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
    }
