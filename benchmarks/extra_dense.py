"""Does the extra Dense layer, or a batch of 256, change the speed of training? Claims of part XII of the posts.

    python benchmarks/extra_dense.py [--rounds 16] [--images 512] [--save docs/results/speed.csv]

The posts' VAE at 96 x 96 with z_dim 256, with batches of 128; the same with an extra Dense layer of 256 units; the same
with batches of 256. In each round every contender trains on as many images, in turn, in an order that moves on. A
line of the table is a round: images per second of processor time of all threads, which other processes disturb least.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from _timing import machine
from contenders import network, ours

CONTENDERS = {"vae": (None, 128), "vae_dense": (network.Z_DIM, 128), "vae_batch_256": (None, 256)}
WARM_UP = 3  # steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--images", type=int, default=512, help="of each contender in a round; a multiple of 256")
    parser.add_argument("--save", type=Path, metavar="CSV", help="write the rounds there")
    options = parser.parse_args()
    steps = {name: (step_of(*setting), setting[1]) for name, setting in CONTENDERS.items()}
    names, rows = list(steps), []
    for number in range(options.rounds):
        shift = number % len(names)
        row = {name: rate(*steps[name], options.images) for name in names[shift:] + names[:shift]}
        rows.append({"round": number + 1} | {name: row[name] for name in names})
    table = pd.DataFrame(rows)
    print(f"{machine()}; images per second of processor time, medians of {options.rounds} rounds")
    print(table[names].median().round(1).to_string())
    if options.save:
        table.to_csv(options.save, index=False, lineterminator="\n", float_format="%.5g")


def step_of(extra_dense: int | None, batch: int) -> Callable[[], object]:
    """A train step on one batch in memory, compiled and warm."""
    spec = ours.spec_of("vae-affine").model_copy(update={"extra_dense": extra_dense})
    import tensorflow as tf

    from zpoints.config.training import Training
    from zpoints.training.fit import compiled

    model = compiled(spec, Training(batch_size=batch, learning_rate=network.LEARNING_RATE), network.SIZE)
    shape = (batch, network.SIZE, network.SIZE, 3)
    images = tf.constant(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    first = tf.constant(0, tf.int64)
    train = tf.function(lambda: model.train_step((images, first)))
    for _ in range(WARM_UP):
        float(train()["total"])
    return lambda: float(train()["total"])


def rate(step: Callable[[], object], batch: int, images: int) -> float:
    """Images per second of processor time."""
    begin = time.process_time()
    for _ in range(images // batch):
        step()
    return images / (time.process_time() - begin)


if __name__ == "__main__":
    main()
