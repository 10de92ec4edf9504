"""Metrics of the training steps, accumulated in the graph and read by the host now and then.

Reading a value makes the host wait for the device. So the sums, the largest values and the first bad step are kept on
the device, at the cost of a few scalars a step.
"""

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Reading:
    """The values of `StepMetrics` at one moment.

    steps, images: counted since the last reset.     grad_norm: sum over the steps of the gradient's norm.
    kl: sum over the images, in nats, not weighted.  grad_norm_max, eps_max: the largest so far.
    first_bad: number of the first step whose loss or gradient was not finite, None where there was none.
    """

    steps: int
    images: int
    grad_norm: float
    kl: float
    grad_norm_max: float
    eps_max: float
    first_bad: int | None


class StepMetrics:
    """Sums and maxima over the training steps since the last `reset`; a plain AE leaves kl and eps_max at 0."""

    def __init__(self) -> None:
        # Plain variables in a plain object: Keras counts neither among the weights, and resets them at no validation.
        self._sums = tf.Variable(tf.zeros(4, tf.float64), trainable=False)  # steps, images, grad_norm, kl
        self._largest = tf.Variable(tf.zeros(2), trainable=False)  # grad_norm, |epsilon|
        self._first_bad = tf.Variable(tf.constant(-1, tf.int64), trainable=False)

    def record(
        self,
        step: tf.Tensor,
        images: tf.Tensor,
        total: tf.Tensor,
        grad_norm: tf.Tensor,
        kl: tf.Tensor | None = None,
        epsilon: tf.Tensor | None = None,
    ) -> None:
        """Add one step, in the graph.

        Args: step and the count of its images, integer scalars; total, the sum of their losses, and grad_norm, float32
        scalars; of a VAE kl, not weighted, their sum, float32 scalar, and epsilon as drawn, float32 (images, z_dim).
        On several devices all of these are those of the whole batch, on each.
        """
        finite = tf.math.is_finite(total) & tf.math.is_finite(grad_norm)
        first = tf.convert_to_tensor(self._first_bad)
        self._first_bad.assign(tf.where(finite | (first >= 0), first, tf.cast(step, tf.int64)))
        nothing = tf.zeros((), tf.float32)
        sums = [1.0, images, grad_norm, nothing if kl is None else kl]
        self._sums.assign_add(tf.stack([tf.cast(value, tf.float64) for value in sums]))
        largest = [grad_norm, nothing if epsilon is None else tf.reduce_max(tf.abs(epsilon))]
        self._largest.assign(tf.maximum(self._largest, tf.stack(largest)))

    def read(self) -> Reading:
        """The values now; waits for the steps before."""
        steps, images, grad_norm, kl = self._sums.numpy().tolist()
        grad_norm_max, eps_max = self._largest.numpy().tolist()
        first = int(self._first_bad.numpy())
        return Reading(int(steps), int(images), grad_norm, kl, grad_norm_max, eps_max, None if first < 0 else first)

    def reset(self) -> None:
        """Begin a new epoch."""
        self._sums.assign(tf.zeros(4, tf.float64))
        self._largest.assign(tf.zeros(2))
        self._first_bad.assign(tf.constant(-1, tf.int64))
