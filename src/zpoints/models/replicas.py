"""What a train step knows of the other devices: its slice of each batch, and sums over all of them.

A replica is one device with its copy of the weights. With one replica everything here returns its argument, by a
branch in Python: the graph of a step on one device holds nothing of it.
"""

from typing import Any, NamedTuple

import tensorflow as tf


class WorkerShare(NamedTuple):
    """The replicas of one worker among all of them.

    first: index of the worker's first replica.  replicas: how many it has.  total: replicas in all.
    """

    first: int = 0
    replicas: int = 1
    total: int = 1

    def slice(self, replica: int, images: int) -> tuple[int, int]:
        """Start and stop of replica `replica` in a batch of so many images: equal slices, in order.

        With fewer images than replicas some slices are empty.
        """
        return images * replica // self.total, images * (replica + 1) // self.total


class BatchSlice(NamedTuple):
    """A replica's images within the whole batch: int64 scalars.

    start: position of the first image.  batch_size: images of the whole batch. A replica without images is given one
    at position batch_size, as padding: it enters no sum.
    """

    start: tf.Tensor
    batch_size: tf.Tensor

    def positions(self, values: tf.Tensor) -> tf.Tensor:
        """Positions in the batch of the replica's images, of which `values` has a row each; int64 (n,)."""
        return self.start + tf.range(tf.shape(values, tf.int64)[0])

    def mask(self, values: tf.Tensor) -> tf.Tensor:
        """False for padding; bool (n,)."""
        return self.positions(values) < self.batch_size


def replicas() -> int:
    """The number of all replicas; to be called in a train step."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else int(context.num_replicas_in_sync)


def all_reduce(tensors: Any) -> Any:
    """Sum a tensor, or each of a list of one dtype, over all replicas; to be called in a train step."""
    if replicas() == 1:
        return tensors
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def as_log(value: tf.Tensor) -> tf.Tensor:
    """A scalar in the shape in which Keras expects it from a step.

    Keras 3.15 (trainer.py, reduce_per_replica) averages over axis 0 of what several workers return, which a scalar does
    not have; over the replicas of one process it averages the values as they are.
    """
    extended = tf.distribute.get_strategy().extended
    across = getattr(extended, "_in_multi_worker_mode", lambda: False)()
    return tf.reshape(value, (1,)) if across else value
