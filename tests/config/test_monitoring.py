"""Blocks of training: what decides the weights, what only watches them, and sizes that are refused."""

from pathlib import Path

import pytest

from zpoints.config.models import MAX_PARAMETERS, Models
from zpoints.config.monitoring import Monitoring
from zpoints.config.reader import read
from zpoints.config.training import Training
from zpoints.errors import UserError

QUICK = Path(__file__).resolve().parents[2] / "params.yaml"
MOVED = "expected divergence_factor, on_divergence, keep_epochs in the block monitoring, received"


def fault(*overrides):
    """The one line of a fault."""
    with pytest.raises(UserError) as caught:
        read(QUICK, overrides)
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("monitoring.divergence_factor=1", "monitoring.divergence_factor: expected more than 1"),
        ("monitoring.on_divergence=retry", "'stop', 'rollback' or 'warn'"),
        ("monitoring.keep_epochs=[0]", "monitoring.keep_epochs.0: expected at least 1"),
        ("monitoring.keep_epochs=[11]", "monitoring.keep_epochs: expected none above 10"),
        ("monitoring.keep_epochs=[2, 2]", "monitoring.keep_epochs: expected each epoch once"),
        ("training.seed=9223372036854775808", "training.seed: expected at most"),
        ("training.order_seed=-1", "training.order_seed: expected at least 0"),
        ("training.layers=slow", "'fast' or 'stock'"),
    ],
)
def test_fault_is_one_line(override, words):
    assert words in fault(override)


def test_moved_keys_say_where_they_went():
    assert f"training.on_divergence: {MOVED}" in fault("training.on_divergence=warn", "training.keep_epochs=[1]")
    assert f"models.ae.keep_epochs: {MOVED}" in fault("models.ae.keep_epochs=[1]")


def test_kept_epochs_follow_the_longest_training():
    assert read(QUICK, ["monitoring.keep_epochs=[10]", "models.ae.epochs=3"])[Monitoring].keep_epochs == (10,)
    read(QUICK, ["monitoring.keep_epochs=[12]", "models.ae.epochs=12"])


def test_monitoring_decides_no_weights():
    params = read(QUICK)
    assert not set(Monitoring.model_fields) & params[Training].outcome().keys()
    assert not set(Monitoring.model_fields) & params[Models]["vae"].own().keys()


def test_order_seed_is_seed_unless_given():
    assert read(QUICK, ["training.seed=5"])[Training].shuffle_seed == 5
    assert read(QUICK, ["training.seed=5", "training.order_seed=0"])[Training].shuffle_seed == 0


def test_stock_layers_refuse_several_devices():
    assert "training.strategy: expected none" in fault("training.layers=stock", "training.strategy=mirrored")
    assert "models.ae.strategy: expected none" in fault("models.ae.layers=stock", "models.ae.strategy=mirrored")


def test_huge_networks_are_refused():
    line = fault("models.ae.filters=[4096, 4096, 4096, 4096]")
    assert f"models.ae.filters: expected a network of at most {MAX_PARAMETERS} parameters" in line
