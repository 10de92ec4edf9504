"""What a train step knows of the other devices: its part of each batch, and sums over all of them.

A replica is one device with its copy of the weights. With one replica everything here gives back what it is given, by
a branch in Python: the graph of a step on one device holds nothing of it.
"""

from typing import Any, NamedTuple

import tensorflow as tf


class Share(NamedTuple):
    """The part of every batch that falls to the replicas of one worker.

    first: number of the worker's first replica.  here: replicas on this worker.  of: replicas in all.
    """

    first: int = 0
    here: int = 1
    of: int = 1

    def slice(self, replica: int, images: int) -> tuple[int, int]:
        """First and last (excluded) of a batch's images that replica `replica` of all gets: equal parts, in order.

        With fewer images than replicas some get none.
        """
        return images * replica // self.of, images * (replica + 1) // self.of


class Place(NamedTuple):
    """Where a replica's images stand in the whole batch: int64 scalars.

    first: the place of the first.  whole: images of the whole batch. An image at a place that is not below `whole`
    stands in where a replica has none, and counts for nothing.
    """

    first: tf.Tensor
    whole: tf.Tensor

    def all_of(self, values: tf.Tensor) -> tf.Tensor:
        """The places of the replica's images, of which `values` has a row each; int64 (n,)."""
        return self.first + tf.range(tf.shape(values, tf.int64)[0])

    def counting(self, values: tf.Tensor) -> tf.Tensor:
        """Which of these images count; bool (n,)."""
        return self.all_of(values) < self.whole


def replicas() -> int:
    """In a train step: the number of all replicas."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else int(context.num_replicas_in_sync)


def add_up(tensors: Any) -> Any:
    """In a train step: the sum over all replicas of a tensor or a list of tensors of one dtype; on all the same."""
    if replicas() == 1:
        return tensors
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def as_log(value: tf.Tensor) -> tf.Tensor:
    """A scalar that a step returns to Keras, in the form that Keras takes.

    Keras 3.15 (trainer.py, reduce_per_replica) averages over axis 0 of what several workers return, which a scalar does
    not have; over the replicas of one process it averages the values as they are.
    """
    extended = tf.distribute.get_strategy().extended
    across = getattr(extended, "_in_multi_worker_mode", lambda: False)()
    return tf.reshape(value, (1,)) if across else value
