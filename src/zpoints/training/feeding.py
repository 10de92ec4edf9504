"""Batches for `fit`, gathered from the shards. Which images a batch holds depends on (seed, step) alone."""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from zpoints.errors import UserError
from zpoints.shards.store import Shards


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps that show every image once; the last batch may be smaller (170,000 images in batches of 128: 1,329)."""
    return -(-images // batch_size)


def training_batches(
    shards: Shards, rows: np.ndarray, batch_size: int, seed: int, epochs: int, first_epoch: int = 0
) -> tf.data.Dataset:
    """Pairs (images, step) up to `epochs` epochs: uint8 (batch, size, size, 3), and the step's number, int64.

    Each epoch shows every row once, in an order keyed by (seed, epoch).
    """
    per_epoch = steps_per_epoch(len(rows), batch_size)

    @functools.lru_cache(maxsize=2)  # the calls of two epochs overlap where batches are prepared ahead
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, epoch]).permutation(rows)

    def gather(step: np.ndarray) -> np.ndarray:
        epoch, place = divmod(int(step), per_epoch)
        return shards.read(order(epoch)[place * batch_size : (place + 1) * batch_size])

    return _dataset(gather, tf.data.Dataset.range(per_epoch * first_epoch, per_epoch * epochs), shards.size)


def held_out_batches(shards: Shards, rows: np.ndarray, batch_size: int) -> tf.data.Dataset:
    """Pairs (images, step) that show every row once, in order; the steps are -1, -2, ...: never a training step's."""

    def gather(step: np.ndarray) -> np.ndarray:
        place = -int(step) - 1
        return shards.read(rows[place * batch_size : (place + 1) * batch_size])

    steps = steps_per_epoch(len(rows), batch_size)
    return _dataset(gather, tf.data.Dataset.range(-1, -1 - steps, -1), shards.size)


@contextlib.contextmanager
def telling_bad_shards() -> Iterator[None]:
    """Around whatever draws batches: a shard that can't be read is told as UserError, not as TensorFlow's wrapping."""
    try:
        yield
    except tf.errors.OpError as error:
        if told := re.search(rf"\b{UserError.__name__}: (.+)", error.message):
            raise UserError(told[1]) from error
        raise


def _dataset(gather: Callable[[np.ndarray], np.ndarray], steps: tf.data.Dataset, size: int) -> tf.data.Dataset:
    def load(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.numpy_function(gather, [step], tf.uint8, stateful=False)
        images.set_shape((None, size, size, 3))
        return images, step

    return steps.map(load, num_parallel_calls=2, deterministic=True).prefetch(tf.data.AUTOTUNE)
