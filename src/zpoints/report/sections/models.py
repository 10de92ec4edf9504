"""All models in one table."""

from typing import Any

from zpoints.report.inputs import Inputs
from zpoints.report.table import groups


def context(inputs: Inputs) -> dict[str, Any]:
    """The table."""
    return {"groups": groups(inputs.rows)}
