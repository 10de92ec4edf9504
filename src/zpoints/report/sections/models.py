"""All models in one table."""

from typing import Any

from zpoints.report.inputs import Inputs
from zpoints.report.table import groups

OPEN = 2


def context(inputs: Inputs) -> dict[str, Any]:
    """The table, of which the first groups are shown at once and the others when asked for."""
    return {"groups": groups(inputs.rows), "groups_open": OPEN}
