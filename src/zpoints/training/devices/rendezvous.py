"""A rendezvous of all workers over plain sockets, before TensorFlow's own start, which never times out.

Worker 0 listens at its address; the others connect and identify themselves. When all have connected with the same run,
worker 0 releases them. The ports are then free for TensorFlow.
"""

import contextlib
import json
import socket
import sys
import time
from typing import Any

from zpoints.errors import UserError

HELLO_BYTES = 65536


def meet(workers: list[str], index: int, run: str, seconds: float) -> None:
    """Return when all workers have connected.

    Raises UserError where one is missing after `seconds`, or has another run.

    workers: "host:port" of each.  index: of this one.  run: what must be the same on all, as a digest.
    """
    deadline = time.monotonic() + seconds
    with _listen(workers[index]) as server:
        if index == 0:
            _receive(server, workers, run, seconds, deadline)
            return
    _call(workers, index, run, seconds, deadline)


def _receive(server: socket.socket, workers: list[str], run: str, seconds: float, deadline: float) -> None:
    server.settimeout(0.5)
    with contextlib.ExitStack() as calls:
        connected: dict[int, socket.socket] = {}
        while len(connected) < len(workers) - 1:
            missing = ", ".join(workers[index] for index in range(1, len(workers)) if index not in connected)
            if time.monotonic() > deadline:
                reason = f"TF_CONFIG: expected every worker within {seconds:.0f} s, received nothing from {missing}"
                _answer(connected, reason)
                raise UserError(f"{reason}; start the same command there")
            with contextlib.suppress(OSError):  # a caller that gave up does not count
                call = calls.enter_context(server.accept()[0])
                call.settimeout(5)
                hello = _line(call)
                try:
                    caller, theirs, their_run = hello["index"], hello["workers"], hello["run"]
                except (TypeError, KeyError):
                    continue
                if theirs != workers or their_run != run or caller not in range(1, len(workers)) or caller in connected:
                    other_cluster = theirs != workers or their_run == run
                    what = "TF_CONFIG" if other_cluster else "params, data, code, versions and kind of processor"
                    expected = f"the same {what} on every worker"
                    reason = f"multi_worker: expected {expected}, received others from worker {caller}"
                    _answer({**connected, caller: call}, reason)
                    raise UserError(reason)
                connected[caller] = call
        _answer(connected, "")


def _answer(calls: dict[int, socket.socket], refusal: str) -> None:
    for call in calls.values():
        with contextlib.suppress(OSError):
            call.sendall(json.dumps({"refusal": refusal}).encode() + b"\n")
            call.recv(1)  # the caller hangs up first: no closed connection lingers at this port


def _call(workers: list[str], index: int, run: str, seconds: float, deadline: float) -> None:
    host, _, port = workers[0].rpartition(":")
    hello = json.dumps({"index": index, "workers": workers, "run": run}).encode() + b"\n"
    announced = False
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=5) as call:
            call.sendall(hello)
            call.settimeout(max(0.1, deadline - time.monotonic()) + 5)
            answer = _line(call)
            if isinstance(answer, dict) and "refusal" in answer:
                if answer["refusal"]:
                    raise UserError(str(answer["refusal"]))
                return
        if not announced:
            print(f"waiting for worker 0 at {workers[0]}", file=sys.stderr, flush=True)
            announced = True
        time.sleep(0.5)
    raise UserError(f"TF_CONFIG: expected worker 0 at {workers[0]} within {seconds:.0f} s, received no answer")


def _listen(address: str) -> socket.socket:
    port = int(address.rpartition(":")[2])
    try:
        if socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(("", port))
    except OSError as error:
        raise UserError(f"TF_CONFIG: expected port {port} to be free, received: {error.strerror}") from None


def _line(call: socket.socket) -> Any:
    """One line of JSON, None for anything else."""
    received = b""
    while not received.endswith(b"\n") and len(received) < HELLO_BYTES:
        part = call.recv(4096)
        if not part:
            return None
        received += part
    try:
        return json.loads(received)
    except ValueError:
        return None
