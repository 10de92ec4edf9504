"""The fused Adam against Keras' own."""

import keras
import numpy as np

from zpoints.models.layers.adam import FusedAdam


def run(kind, steps=50):
    rng = np.random.default_rng(0)
    variables = [keras.Variable(rng.normal(size=shape).astype(np.float32)) for shape in [(3, 4), (5,)]]
    optimizer = kind(1e-2)
    optimizer.build(variables)
    for _ in range(steps):
        optimizer.apply([np.float32(rng.normal(size=variable.shape)) for variable in variables])
    return [variable.numpy() for variable in [*variables, *optimizer.variables]]


def test_fused_adam_equals_keras_adam():
    ours, theirs = run(FusedAdam), run(keras.optimizers.Adam)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_fused_adam_takes_keras_config():
    optimizer = FusedAdam.from_config(keras.optimizers.Adam(3e-4, beta_1=0.8).get_config())
    assert optimizer.beta_1 == 0.8 and float(optimizer.learning_rate) == np.float32(3e-4)
