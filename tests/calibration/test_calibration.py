"""Intervals hold the truth, and tests keep their level, on laws that they must survive."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration import (
    BLOCK,
    EXPERIMENTS,
    LIMITS,
    STORE,
    filaments_found,
    filled,
    laws_of,
    map_excess,
    rates,
)

SIMULATIONS = 200  # the docs' rates are of 500
FEWER = 80  # where one takes some 10 to 50 ms
SLOWEST = ("hump", "shells", "tails", "cells", "gaps", "spaces", "decoded", "edited")
DEAR = {*EXPERIMENTS} - {"axes", "compressed", "ratios"}  # some 10 ms a simulation or more
DOCS = Path(__file__).parents[2] / "docs" / "analysis.md"


def cases():
    for name in EXPERIMENTS:
        for law in laws_of(name):
            if any(law in check.promised for check in EXPERIMENTS[name][1].values()):
                yield pytest.param(name, law, marks=[pytest.mark.slow] if name in DEAR else [])


@pytest.mark.parametrize(("name", "law"), list(cases()))
def test_promise_is_kept(name, law):
    simulations = FEWER if name in SLOWEST else SIMULATIONS
    for check, rate in rates(name, law, simulations).items():
        found = EXPERIMENTS[name][1][check]
        assert law not in found.promised or found.holds(rate, simulations), f"{found.title} on {law}: {rate:.3f}"


def test_stored_rates_keep_the_promises_in_500_simulations():
    stored = json.loads(STORE.read_text(encoding="utf-8"))
    for name, (_, checks) in EXPERIMENTS.items():
        for law in laws_of(name):
            assert stored[name][law]["simulations"] >= 500, (name, law)
            for key, check in checks.items():
                if law in check.promised:
                    assert check.holds(stored[name][law][key], stored[name][law]["simulations"]), (key, law)


def test_every_rate_stands_in_the_docs():
    text = DOCS.read_text(encoding="utf-8")
    assert text == filled(text, json.loads(STORE.read_text(encoding="utf-8")))
    titles = {check.analysis for _, checks in EXPERIMENTS.values() for check in checks.values()}
    assert {block[1] for block in BLOCK.finditer(text)} == titles | {limit[0] for limit in LIMITS.values()}


def test_filaments_at_their_limit_are_found():
    powers = json.loads(STORE.read_text(encoding="utf-8"))["filaments"]
    limit = min(float(share) for share, power in powers.items() if power >= 0.9)
    assert filaments_found(limit, 6) >= 5 / 6


@pytest.mark.slow
def test_islands_at_their_limit_are_found():
    powers = json.loads(STORE.read_text(encoding="utf-8"))["islands"]
    limit = min(float(share) for share, power in powers.items() if min(power) >= 0.9)
    found, chance = ([map_excess(share, (1, cloud)) for cloud in range(3)] for share in (limit, 0.0))
    assert (np.median(found, axis=0) > np.max(chance, axis=0)).all()


def test_broken_interval_and_test_are_noticed():
    """Half as wide an interval covers in about two thirds of cases; a p that is halved rejects twice as often."""
    check, test = EXPERIMENTS["labels"][1]["factor"], EXPERIMENTS["labels"][1]["mann_whitney"]
    for simulations in (SIMULATIONS, FEWER):
        assert not check.holds(0.67, simulations) and check.holds(0.9, simulations)
        assert not test.holds(0.15, simulations) and test.holds(0.07, simulations)
    outcomes = [(0.0, truth, 1.0) for truth in (0.5, 0.7, 1.5)]
    assert check.rate(outcomes) == pytest.approx(2 / 3)
    assert EXPERIMENTS["spaces"][1]["r2"].rate(outcomes) == 1  # their mean is 0.9
