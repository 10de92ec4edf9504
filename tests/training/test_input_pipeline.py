"""Batches: every image once an epoch, in an order keyed by (seed, epoch)."""

import numpy as np
import pytest
import tensorflow as tf

from tests.lab import make_shards
from zpoints.errors import UserError
from zpoints.models.replicas import WorkerShare
from zpoints.shards.store import Shards
from zpoints.training.input_pipeline import held_out_batches, steps_per_epoch, training_batches, unwrapped_user_errors


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards"), images=23, size=8))


def epochs_of(shards, seed, epochs=2, batch_size=5):
    """Rows by epoch, told from the images; and the steps."""
    rows = shards.rows("train")
    row_of = {shards.read([row]).tobytes(): row for row in rows}
    orders, steps = [[] for _ in range(epochs)], []
    for images, step in training_batches(shards, rows, batch_size, seed, epochs).as_numpy_iterator():
        steps.append(int(step))
        orders[int(step) // steps_per_epoch(len(rows), batch_size)] += [row_of[image.tobytes()] for image in images]
    return orders, steps


def test_steps_per_epoch_are_those_of_the_posts():
    assert steps_per_epoch(170_000, 128) == 1_329


def test_each_epoch_permutes_all_training_images(shards):
    orders, steps = epochs_of(shards, seed=1)
    assert steps == list(range(len(steps)))
    assert orders[0] != orders[1]
    for order in orders:
        assert sorted(order) == shards.rows("train").tolist()


def test_the_order_is_keyed_by_the_seed(shards):
    assert epochs_of(shards, seed=1) == epochs_of(shards, seed=1)
    assert epochs_of(shards, seed=1) != epochs_of(shards, seed=2)


def test_epoch_order_is_independent_of_earlier_epochs(shards):
    assert epochs_of(shards, seed=1, epochs=3)[0][:2] == epochs_of(shards, seed=1, epochs=2)[0]


def test_held_out_images_come_in_order(shards):
    rows = shards.rows("held_out")
    batches = list(held_out_batches(shards, rows, 2).as_numpy_iterator())
    np.testing.assert_array_equal(np.concatenate([images for images, _ in batches]), shards.read(rows))
    assert [int(step) for _, step in batches] == [-1 - place for place in range(len(batches))]


def test_slices_of_all_workers_make_whole_batches(
    shards,
):
    rows = shards.rows("train")  # 15: batches of 13 and 2 for three replicas on two workers
    whole = list(training_batches(shards, rows, 13, 1, epochs=1).as_numpy_iterator())
    workers = [WorkerShare(0, 2, 3), WorkerShare(2, 1, 3)]
    feeds = [training_batches(shards, rows, 13, 1, epochs=1, share=share).as_numpy_iterator() for share in workers]
    for images, step in whole * 2:  # without end: the steps begin again
        parts = [next(feed) for feed, share in zip(feeds, workers, strict=True) for _ in range(share.replicas)]
        counted = []
        for part, its_step, first, size in parts:
            assert (its_step, size) == (step, len(images)) and len(part) > 0
            counted += [(first + place, image) for place, image in enumerate(part) if first + place < size]
        assert [place for place, _ in counted] == list(range(len(images)))
        np.testing.assert_array_equal([image for _, image in counted], images)


def test_truncated_shard_is_named_in_one_line(tmp_path):
    shards = Shards.open(make_shards(tmp_path, images=23, size=8))
    with (tmp_path / "shard_000.npy").open("r+b") as file:
        file.truncate(1000)
    with (
        pytest.raises(UserError, match=r"shard_000\.npy: expected .*, received a file that was cut off$"),
        unwrapped_user_errors(),
    ):
        list(held_out_batches(shards, shards.rows("held_out"), 2))


def test_other_errors_among_the_batches_pass_unchanged():
    with pytest.raises(tf.errors.InvalidArgumentError), unwrapped_user_errors():
        tf.reshape(tf.zeros(3), (2, 2))
