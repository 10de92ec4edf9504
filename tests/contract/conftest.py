"""One laboratory in which every analysis has measured every model, for all tests of this folder."""

from dataclasses import dataclass

import pytest

from tests.contract.lab import Lab, small_params
from zpoints.analyses import discovery


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
    """A laboratory in which all is measured. What `vae_tiny` has was measured of `vae`, which then is once more."""
    lab = built_lab.copy(tmp_path_factory.mktemp("measured") / "lab")
    folder, found = lab.folder / "measurements", {}
    in_order = sorted(discovery.names(), key=lambda name: discovery.config_class(name).group == "direction_analyses")
    for name in in_order:
        if discovery.config_class(name).group == "pair_analyses":
            found[name, None] = lab.measure(name, None)
            continue
        found[name, "ae"], found[name, "vae_tiny"] = (lab.measure(name, model) for model in ("ae", "vae"))
        (folder / "vae_tiny").mkdir(exist_ok=True)
        (folder / "vae" / name).rename(folder / "vae_tiny" / name)
        found[name, "vae"] = lab.measure(name, "vae")
    return Measured(lab, found)
