"""One laboratory in which every analysis has measured every model, for all tests of this folder."""

from dataclasses import dataclass

import pytest

from tests.contract.lab import Lab, small_params
from zpoints.analyses import discovery
from zpoints.config.models import Models


@pytest.fixture(scope="session")
def params():
    """The quick start's params, smaller."""
    return small_params()


@dataclass(frozen=True)
class Measured:
    """A laboratory, and what every analysis found in it: by analysis and model, None for all models."""

    lab: Lab
    found: dict


@pytest.fixture(scope="session")
def measured_lab(built_lab, tmp_path_factory):
    """A laboratory in which all is measured once. Takes half a minute: its tests are slow ones."""
    lab = built_lab.copy(tmp_path_factory.mktemp("measured") / "lab")
    found = {}
    in_order = sorted(discovery.names(), key=lambda name: discovery.config_class(name).group == "direction_analyses")
    for name in in_order:
        pair = discovery.config_class(name).group == "pair_analyses"
        for model in [None] if pair else list(lab.params[Models]):
            found[name, model] = lab.measure(name, model)
    return Measured(lab, found)
