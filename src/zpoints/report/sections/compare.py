"""What has to be stated for a comparison with another run."""

from typing import Any

from zpoints.report import facts
from zpoints.report.inputs import Inputs


def context(inputs: Inputs) -> dict[str, Any]:
    """The entry of each model as it was trained."""
    return {"used": facts.parameters_used(inputs)}
