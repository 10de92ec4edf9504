"""Contender: `fit` itself, from shards. A step is one turn of its loop: waiting for the batch, training, callbacks."""

import argparse
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from _timing import serve

from contenders import network, ours

WARM_STEPS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=network.MODELS)
    parser.add_argument("--shards", type=Path)
    parser.add_argument("--precision", default="float32")
    options = parser.parse_args()
    serve(lambda: prepare(options.model, options.shards, options.precision))


def prepare(name: str, folder: Path, precision: str) -> tuple[dict[str, Any], Callable[[], object]]:
    spec = ours.spec_of(name)
    import keras

    from zpoints.config.training import Training
    from zpoints.shards.store import Shards
    from zpoints.training.fit import fit
    from zpoints.training.input_pipeline import training_batches

    shards = Shards.open(folder)
    # One epoch of batches that nobody trains on: afterwards the peak of memory is one of all images.
    batches = training_batches(shards, shards.rows("train"), network.BATCH, order_seed=1, epochs=1)
    images = sum(len(batch) for batch, _ in batches)

    may_go, has_come = threading.Semaphore(0), queue.SimpleQueue()

    class Gate(keras.callbacks.Callback):
        """Holds the loop of `fit` before each step."""

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            has_come.put(None)
            may_go.acquire()

    def gated(model: Any, *arguments: Any, fit: Any = keras.Model.fit, callbacks: Any = (), **keywords: Any) -> Any:
        return fit(model, *arguments, callbacks=[*callbacks, Gate()], **keywords)

    def run() -> None:
        try:
            with mock.patch.object(keras.Model, "fit", gated):
                fit(spec, training, shards)
            raise RuntimeError("the epochs are over")
        except Exception as error:
            has_come.put(error)

    def step() -> None:
        may_go.release()
        if error := has_come.get():
            raise error

    training = Training(
        epochs=1000, batch_size=network.BATCH, learning_rate=network.LEARNING_RATE, seed=0, precision=precision
    )
    threading.Thread(target=run, daemon=True).start()
    if error := has_come.get():
        raise error
    for _ in range(WARM_STEPS):
        step()
    return {"images": images}, step


if __name__ == "__main__":
    main()
