"""Settings of the whole test run."""

import gc
import math
import os
import shutil
import signal

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from zpoints import progress

# What the test modules import stays: looking for garbage among its million objects takes an eighth of the time.
gc.disable()

# As in the stage commands; set before anything imports TensorFlow.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# The same examples in every run, however slow the machine is; benchmarks/fuzz.py looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# A shell's background jobs ignore Ctrl-C and so would their children, to which tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# On a slow machine too, a short loop is silent.
progress.SECONDS_BETWEEN_LINES = math.inf


@pytest.fixture(scope="session")
def built_lab(tmp_path_factory):
    """A laboratory with models and z-points, in which nothing is measured; tests work in copies of it."""
    from tests.contract.lab import Lab

    return Lab.build(tmp_path_factory.mktemp("built"))


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


STATES: dict[int, dict] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A module's own generator begins anew for each test: it draws the same whichever tests ran before."""
    for generator in vars(item.module).values():
        if isinstance(generator, np.random.Generator):
            generator.bit_generator.state = STATES.setdefault(id(generator), generator.bit_generator.state)


# The longest files first, so that of several processes none is left working alone at the end.
LONGEST = (
    "pipeline/test_reruns.py",
    "pipeline/test_repro.py",
    "calibration/test_calibration.py",
    "training/test_resume.py",
    "pipeline/test_sweep.py",
    "contract/test_report.py",
    "training/devices/test_devices.py",
    "explorer/test_browser.py",
    "sweeps/test_engine.py",
)


def pytest_collection_modifyitems(items):
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("pipeline")}

    def place(item):
        name = item.path.as_posix()
        longest = (number for number, file in enumerate(LONGEST) if name.endswith(file))
        return next(longest, len(LONGEST) + (item.path not in slow))

    items.sort(key=place)


@pytest.fixture(scope="session")
def browser():
    """Chromium of the distribution; tests are skipped where it or playwright is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=120_000)
        yield browser
        browser.close()
