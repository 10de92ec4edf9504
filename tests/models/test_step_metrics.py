"""StepMetrics: sums, largest values and the first bad step of an epoch, gathered in the graph."""

import numpy as np
import pytest
import tensorflow as tf

from zpoints.config.models import VariationalEntry
from zpoints.models.autoencoder import build
from zpoints.models.step_metrics import StepMetrics

RNG = np.random.default_rng(0)
SIZES = (8, 8, 3)
KL = [RNG.random(size).astype(np.float32) for size in SIZES]
EPSILON = [RNG.standard_normal((size, 4)).astype(np.float32) for size in SIZES]
NORMS = [3.0, 7.0, 5.0]


def recorded(totals=None, norms=NORMS, first_step=40):
    step_metrics = StepMetrics()
    record = tf.function(step_metrics.record)
    for index, size in enumerate(SIZES):
        total = np.ones(size, np.float32) if totals is None else totals[index]
        sums = tf.reduce_sum(total), tf.constant(norms[index]), tf.reduce_sum(KL[index])
        record(tf.constant(first_step + index, tf.int64), tf.constant(size), *sums, EPSILON[index])
    return step_metrics


def test_sums_and_maxima_over_steps():
    reading = recorded().read()
    assert (reading.steps, reading.images, reading.first_bad) == (3, 19, None)
    assert reading.grad_norm == 15.0 and reading.grad_norm_max == 7.0
    assert reading.kl == pytest.approx(np.concatenate(KL).sum(dtype=np.float64), rel=1e-6)
    assert reading.eps_max == pytest.approx(np.abs(np.concatenate(EPSILON)).max())


def test_the_first_bad_step_stays_whatever_follows():
    good, bad = np.ones(8, np.float32), np.array([1, np.nan, 1], np.float32)
    assert recorded([good, bad, good]).read().first_bad == 41
    assert recorded([bad, good, bad]).read().first_bad == 40
    assert recorded([good, good, np.array([np.inf], np.float32)]).read().first_bad == 42


@pytest.mark.parametrize("norm", [np.inf, np.nan])
def test_non_finite_gradient_marks_its_step(norm):
    assert recorded(norms=[1.0, norm, 1.0]).read().first_bad == 41


def test_a_reset_begins_anew():
    step_metrics = recorded([np.full(size, np.nan, np.float32) for size in SIZES])
    step_metrics.reset()
    assert step_metrics.read() == StepMetrics().read()
    assert step_metrics.read().first_bad is None


def test_gauges_are_no_weights_of_the_model():
    model = build(VariationalEntry(kind="vae", fact=1.0, z_dim=4, filters=(4,)), 16)
    assert len(model.weights) == len(model.encoder.weights) + len(model.decoder.weights)
