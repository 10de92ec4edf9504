"""Batches for `fit`, gathered from the shards. Which images a batch holds depends on (seed, step) alone."""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from zpoints.training.devices.replicas import Share
from zpoints.errors import UserError
from zpoints.shards.store import Shards

ALONE = Share()


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps that show every image once; the last batch may be smaller (170,000 images in batches of 128: 1,329)."""
    return -(-images // batch_size)


def training_batches(
    shards: Shards,
    rows: np.ndarray,
    batch_size: int,
    seed: int,
    epochs: int,
    first_epoch: int = 0,
    share: Share = ALONE,
) -> tf.data.Dataset:
    """Pairs (images, step) up to `epochs` epochs: uint8 (batch, size, size, 3), and the step's number, int64.

    Each epoch shows every row once, in an order keyed by (seed, epoch). With another `share` than all of it, the
    elements are those of `_parts`.
    """
    per_epoch = steps_per_epoch(len(rows), batch_size)

    @functools.lru_cache(maxsize=2)  # the calls of two epochs overlap where batches are prepared ahead
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, epoch]).permutation(rows)

    def batch(step: int) -> np.ndarray:
        epoch, place = divmod(step, per_epoch)
        return order(epoch)[place * batch_size : (place + 1) * batch_size]

    return _dataset(shards, batch, tf.data.Dataset.range(per_epoch * first_epoch, per_epoch * epochs), share)


def held_out_batches(shards: Shards, rows: np.ndarray, batch_size: int, share: Share = ALONE) -> tf.data.Dataset:
    """Pairs (images, step) that show every row once, in order; the steps are -1, -2, ...: never a training step's."""

    def batch(step: int) -> np.ndarray:
        place = -step - 1
        return rows[place * batch_size : (place + 1) * batch_size]

    steps = steps_per_epoch(len(rows), batch_size)
    return _dataset(shards, batch, tf.data.Dataset.range(-1, -1 - steps, -1), share)


@contextlib.contextmanager
def telling_bad_shards() -> Iterator[None]:
    """Around whatever draws batches: a shard that can't be read is told as UserError, not as TensorFlow's wrapping."""
    try:
        yield
    except tf.errors.OpError as error:
        if told := re.search(rf"\b{UserError.__name__}: (.+)", error.message):
            raise UserError(told[1]) from error
        raise


def _dataset(
    shards: Shards, batch: Callable[[int], np.ndarray], steps: tf.data.Dataset, share: Share
) -> tf.data.Dataset:
    if share.of > 1:
        return _parts(shards, batch, steps, share)

    def gather(step: np.ndarray) -> np.ndarray:
        return shards.read(batch(int(step)))

    def load(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.numpy_function(gather, [step], tf.uint8, stateful=False)
        images.set_shape((None, shards.size, shards.size, 3))
        return images, step

    return steps.map(load, num_parallel_calls=2, deterministic=True).prefetch(tf.data.AUTOTUNE)


def _parts(shards: Shards, batch: Callable[[int], np.ndarray], steps: tf.data.Dataset, share: Share) -> tf.data.Dataset:
    """(images, step, first, whole) for each step and, within it, each replica of this worker in order; without end.

    `images` are those of the replica, from place `first` of the `whole` images that one device would be shown; an image
    at a place that is not below `whole` counts for nothing.
    """

    def gather(step: np.ndarray, replica: np.ndarray) -> tuple[np.ndarray, np.int64, np.int64]:
        rows = batch(int(step))
        first, last = share.slice(int(replica), len(rows))
        if first == last:
            # oneDNN's convolutions fail on a batch of no images: one stands in, at a place behind the batch.
            return shards.read(rows[-1:]), np.int64(len(rows)), np.int64(len(rows))
        return shards.read(rows[first:last]), np.int64(first), np.int64(len(rows))

    def load(step: tf.Tensor, replica: tf.Tensor) -> tuple[tf.Tensor, ...]:
        types = (tf.uint8, tf.int64, tf.int64)
        images, first, whole = tf.numpy_function(gather, [step, replica], types, stateful=False)
        images.set_shape((None, shards.size, shards.size, 3))
        first.set_shape(())
        whole.set_shape(())
        return images, step, first, whole

    here = tf.data.Dataset.range(share.first, share.first + share.here)
    # Of an endless dataset tf.distribute does not ask at every step whether all replicas still have data.
    pairs = steps.repeat().flat_map(lambda step: here.map(lambda replica: (step, replica)))
    return pairs.map(load, num_parallel_calls=2, deterministic=True).prefetch(tf.data.AUTOTUNE)
