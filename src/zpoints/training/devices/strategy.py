"""The devices of a training run, and what they exchange beside the train steps.

Whatever their number, the devices do together what one would do: the same images at each step, the same noise, the
sum of the gradients over the whole batch. `tf.distribute` copies the weights and sums. With several machines worker 0,
the chief, alone reads and writes checkpoints, prints and decides, and sends the results to the others.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from zpoints.errors import UserError
from zpoints.models.replicas import WorkerShare
from zpoints.training.devices.cluster import read_tf_config
from zpoints.training.devices.rendezvous import meet
from zpoints.training.devices.start_timeout import start_timeout

Name = Literal["none", "mirrored", "multi_worker"]
START_SECONDS = 300.0
WORKER_LOST = (
    "training: a worker was lost; rerun the command on all workers: it resumes at the last complete epoch, bit for bit"
)
LOST_ERRORS = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
)


class Devices:
    """The devices of one process and their peers.

    strategy: for `scope()`, `fit` and variables.  replicas: devices in all.  chief: whether this is worker 0.
    """

    def __init__(self, strategy: tf.distribute.Strategy, workers: int = 1, index: int = 0) -> None:
        self.strategy, self.workers, self.index = strategy, workers, index
        self.replicas: int = strategy.num_replicas_in_sync
        self._exchange = tf.function(self._sum_of_chief, reduce_retracing=True)

    @classmethod
    def open(cls, name: Name, run: str = "", start_seconds: float = START_SECONDS) -> "Devices":
        """The devices of `training.strategy`. To be called before TensorFlow has run anything, and once in a process.

        multi_worker waits until all workers have connected. Raises UserError for a missing or malformed TF_CONFIG,
        for workers that do not connect, and where `run` (a digest of params, data and code) is not the same on all.
        """
        if name == "none":
            return cls(tf.distribute.get_strategy())
        if name == "mirrored":
            refuse_tf_config()
            return cls(tf.distribute.MirroredStrategy())
        workers, index = read_tf_config(os.environ.get("TF_CONFIG"))
        meet(workers, index, run, start_seconds)
        with start_timeout(start_seconds, f"error: {WORKER_LOST}"):
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        # TensorFlow takes the signal as an announcement of preemption, and trains on.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return cls(strategy, len(workers), index)

    @property
    def chief(self) -> bool:
        return self.index == 0

    def feed(self, batches: Callable[[WorkerShare], tf.data.Dataset]) -> Any:
        """The dataset for `fit`: each replica's slice of every batch, in the order of the replicas."""

        def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
            replicas = self.replicas // context.num_input_pipelines
            return batches(WorkerShare(replicas * context.input_pipeline_id, replicas, self.replicas))

        return self.strategy.distribute_datasets_from_function(of_worker)

    def say(self, line: str) -> None:
        """Print a line on stderr, on the chief."""
        if self.chief:
            print(line, file=sys.stderr)

    def from_chief(self, act: Callable[[], Any]) -> Any:
        """Call `act` on the chief alone, and return its result (plain data, as in JSON) on every worker.

        All workers must call it at the same point. Where it raises, the others raise a UserError with that text.
        """
        if self.workers == 1:
            return act()
        return json.loads(self.bytes_from_chief(lambda: json.dumps(act()).encode()))

    def bytes_from_chief(self, act: Callable[[], bytes]) -> bytes:
        """As `from_chief`, for bytes."""
        if self.workers == 1:
            return act()
        content, failure = b"", None
        if self.chief:
            try:
                content = act()
            except Exception as error:  # whatever it is, the others wait for a reply
                content, failure = str(error).encode(), error
        header = self._from_chief(np.array([len(content), failure is not None], np.int64))
        words = np.zeros(-(-int(header[0]) // 8) + 1, np.int64)
        words.view(np.uint8)[: len(content)] = np.frombuffer(content, np.uint8)
        content = self._from_chief(words).tobytes()[: int(header[0])]
        if failure:
            raise failure
        if header[1]:
            raise UserError(f"training: worker 0 failed: {content.decode()}")
        return content

    def _from_chief(self, words: np.ndarray) -> np.ndarray:
        return np.asarray(self.strategy.experimental_local_results(self._exchange(tf.constant(words)))[0])

    def _sum_of_chief(self, words: tf.Tensor) -> Any:
        """The chief's int64 words plus zeros from everyone else: exact."""

        def on_replica(words: tf.Tensor) -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            chief = tf.equal(context.replica_id_in_sync_group, 0)
            return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(chief, words, tf.zeros_like(words)))

        return self.strategy.run(on_replica, args=(words,))

    @contextlib.contextmanager
    def lost_workers_as_user_errors(self) -> Iterator[None]:
        """Raise a UserError where another worker is lost; goes around all that workers do together.

        The runtime notices within seconds, or within half a minute where a worker no longer answers.
        """
        try:
            yield
        except LOST_ERRORS as error:
            if self.workers == 1:
                raise
            raise UserError(WORKER_LOST) from error


def planned_replicas(name: Name) -> int:
    """The number of replicas that `Devices.open` will have; TensorFlow runs nothing for it.

    Raises UserError as it does for TF_CONFIG.
    """
    here = max(1, len(tf.config.list_physical_devices("GPU")))
    if name == "multi_worker":
        return len(read_tf_config(os.environ.get("TF_CONFIG"))[0]) * here
    if name == "mirrored":
        refuse_tf_config()
        return here
    return 1


def refuse_tf_config() -> None:
    """Raise UserError where TF_CONFIG is set: MirroredStrategy ignores it, and each machine would train alone."""
    if "TF_CONFIG" in os.environ:
        raise UserError("TF_CONFIG: expected none with training.strategy mirrored, received one; unset it")
