"""Keras' Adam with one pass over the weights instead of a dozen: TensorFlow's fused kernel, of the same formula."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zpoints")
class FusedAdam(keras.optimizers.Adam):
    """keras.optimizers.Adam without amsgrad; its state and its updates agree up to rounding (Kingma and Ba 2015).

    On several devices it expects gradients that have been summed already, the same on each: the train step also needs
    the norm of the whole batch's gradient.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> list[Any]:
        # A private hook of Keras (backend/tensorflow/optimizer.py), which would sum them a second time.
        return list(grads_and_vars)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        momentum, velocity = (_raw(slot[index]) for slot in (self._momentums, self._velocities))
        step = tf.cast(self.iterations.value, tf.float32) + 1.0
        tf.raw_ops.ResourceApplyAdam(
            var=_raw(variable).handle,
            m=momentum.handle,
            v=velocity.handle,
            beta1_power=tf.pow(tf.constant(self.beta_1, tf.float32), step),
            beta2_power=tf.pow(tf.constant(self.beta_2, tf.float32), step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )


def _raw(variable: Any) -> Any:
    """The tf.Variable behind a Keras variable."""
    return variable.value if isinstance(variable, keras.Variable) else variable
