"""The machines that train together: TF_CONFIG, as TensorFlow reads it.

A JSON object with the addresses of all workers and the index of this one
(https://www.tensorflow.org/guide/distributed_training). Worker 0 is the chief.
"""

import json

from zpoints.errors import UserError

EXAMPLE = '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'


def read_tf_config(text: str | None) -> tuple[list[str], int]:
    """The workers' addresses, and this one's index. Raises UserError for anything not of the form of `EXAMPLE`."""
    _expect(bool(text), f"the workers' addresses, such as '{EXAMPLE}'", "nothing; strategy multi_worker needs it")
    try:
        config = json.loads(text or "")
    except ValueError as error:
        raise UserError(f"TF_CONFIG: expected JSON such as '{EXAMPLE}', received: {error}") from None
    _expect(isinstance(config, dict), "a JSON object", type(config).__name__)
    cluster, task = config.get("cluster"), config.get("task")
    _expect(isinstance(cluster, dict) and list(cluster) == ["worker"], 'cluster: {"worker": [...]} alone', cluster)
    workers = cluster["worker"]
    _expect(isinstance(workers, list) and len(workers) > 0, "cluster.worker: a list of host:port", workers)
    for address in workers:
        host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        good = bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65536
        _expect(good, "cluster.worker: host:port", address)
    _expect(len(set(workers)) == len(workers), "cluster.worker: an address for each worker", workers)
    _expect(isinstance(task, dict) and task.get("type") == "worker", 'task.type: "worker"', task)
    index = task.get("index")
    whole = isinstance(index, int) and not isinstance(index, bool)
    _expect(whole and 0 <= index < len(workers), f"task.index: 0 to {len(workers) - 1}", index)
    return workers, index


def _expect(fits: bool, expected: str, received: object) -> None:
    if not fits:
        raise UserError(f"TF_CONFIG: expected {expected}, received {str(received)[:80]}")
