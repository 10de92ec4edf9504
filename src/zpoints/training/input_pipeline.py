"""Batches for `fit`, gathered from the shards. Which images a batch holds depends on (order_seed, step) alone."""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from zpoints.errors import UserError
from zpoints.models.replicas import WorkerShare
from zpoints.shards.store import Shards

ONE_DEVICE = WorkerShare()


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps that show every image once; the last batch may be smaller (170,000 images in batches of 128: 1,329)."""
    return -(-images // batch_size)


def training_batches(
    shards: Shards,
    rows: np.ndarray,
    batch_size: int,
    order_seed: int,
    epochs: int,
    first_epoch: int = 0,
    share: WorkerShare = ONE_DEVICE,
) -> tf.data.Dataset:
    """Pairs (images, step) up to `epochs` epochs: uint8 (batch, size, size, 3), and the step's number, int64.

    Each epoch shows every row once, in an order keyed by (order_seed, epoch). With the `share` of a worker among
    several devices, the elements are those of `_slices`.
    """
    per_epoch = steps_per_epoch(len(rows), batch_size)

    @functools.lru_cache(maxsize=2)  # the calls of two epochs overlap where batches are prepared ahead
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([order_seed, epoch]).permutation(rows)

    def batch(step: int) -> np.ndarray:
        epoch, index = divmod(step, per_epoch)
        return order(epoch)[index * batch_size : (index + 1) * batch_size]

    return _dataset(shards, batch, tf.data.Dataset.range(per_epoch * first_epoch, per_epoch * epochs), share)


def held_out_batches(
    shards: Shards, rows: np.ndarray, batch_size: int, share: WorkerShare = ONE_DEVICE
) -> tf.data.Dataset:
    """Pairs (images, step) that show every row once, in order; the steps are -1, -2, ...: never a training step's."""

    def batch(step: int) -> np.ndarray:
        index = -step - 1
        return rows[index * batch_size : (index + 1) * batch_size]

    steps = steps_per_epoch(len(rows), batch_size)
    return _dataset(shards, batch, tf.data.Dataset.range(-1, -1 - steps, -1), share)


@contextlib.contextmanager
def unwrapped_user_errors() -> Iterator[None]:
    """Raise the UserError of a shard that can't be read, not TensorFlow's wrapping of it; goes around `fit`."""
    try:
        yield
    except tf.errors.OpError as error:
        if match := re.search(rf"\b{UserError.__name__}: (.+)", error.message):
            raise UserError(match[1]) from error
        raise


def _dataset(
    shards: Shards, batch: Callable[[int], np.ndarray], steps: tf.data.Dataset, share: WorkerShare
) -> tf.data.Dataset:
    if share.total > 1:
        return _slices(shards, batch, steps, share)

    def gather(step: np.ndarray) -> np.ndarray:
        return shards.read(batch(int(step)))

    def load(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.numpy_function(gather, [step], tf.uint8, stateful=False)
        images.set_shape((None, shards.size, shards.size, 3))
        return images, step

    return steps.map(load, num_parallel_calls=2, deterministic=True).prefetch(tf.data.AUTOTUNE)


def _slices(
    shards: Shards, batch: Callable[[int], np.ndarray], steps: tf.data.Dataset, share: WorkerShare
) -> tf.data.Dataset:
    """(images, step, start, batch_size) for each step and each replica of this worker in order; without end.

    `images` are the replica's slice, from position `start` on, of the `batch_size` images that one device would see
    (zpoints.models.replicas.BatchSlice).
    """

    def gather(step: np.ndarray, replica: np.ndarray) -> tuple[np.ndarray, np.int64, np.int64]:
        rows = batch(int(step))
        start, stop = share.slice(int(replica), len(rows))
        if start == stop:
            # oneDNN's convolutions fail on an empty batch: one image as padding, at a position behind the batch.
            return shards.read(rows[-1:]), np.int64(len(rows)), np.int64(len(rows))
        return shards.read(rows[start:stop]), np.int64(start), np.int64(len(rows))

    def load(step: tf.Tensor, replica: tf.Tensor) -> tuple[tf.Tensor, ...]:
        types = (tf.uint8, tf.int64, tf.int64)
        images, start, batch_size = tf.numpy_function(gather, [step, replica], types, stateful=False)
        images.set_shape((None, shards.size, shards.size, 3))
        start.set_shape(())
        batch_size.set_shape(())
        return images, step, start, batch_size

    replicas = tf.data.Dataset.range(share.first, share.first + share.replicas)
    # Of an endless dataset tf.distribute does not ask at every step whether all replicas still have data.
    pairs = steps.repeat().flat_map(lambda step: replicas.map(lambda replica: (step, replica)))
    return pairs.map(load, num_parallel_calls=2, deterministic=True).prefetch(tf.data.AUTOTUNE)
