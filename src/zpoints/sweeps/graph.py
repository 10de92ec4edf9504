"""What DVC knows: its stages, what each waits for, and which are stale. All use of DVC's own modules is here.

They are half-private: the extra `sweep` of pyproject.toml bounds DVC's version, and a test compares with `dvc status`.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zpoints.errors import UserError

if TYPE_CHECKING:
    from dvc.repo import Repo


@dataclass(frozen=True)
class Stage:
    """A stage: DVC's name for it, its command, the stages that come right before it; whether it would run, and if its
    result is in the run cache. Below a stale stage nothing is looked up in the cache, and `cached` is False.
    """

    address: str
    command: str
    needs: tuple[str, ...]
    stale: bool
    cached: bool


@contextlib.contextmanager
def opened(root: Path) -> "Iterator[Repo]":
    """DVC's view of the project in a folder, locked: the lock files that it reads are not being written.

    Raises UserError for what DVC cannot do, here and in the block.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        # DVC names stages relative to the working directory.
        with Repo(str(root), _wait_for_lock=True) as repo, repo.lock:
            yield repo
    except DvcException as error:
        raise UserError(_explained(error)) from None


def stages(root: Path, targets: Iterable[str] | None = None) -> list[Stage]:
    """The targets (default: the stages of the root's dvc.yaml) and all that they need, each behind what it needs.

    Raises UserError where DVC cannot read the project, and for unknown targets.
    """
    import networkx  # type: ignore[import-untyped]

    with opened(root) as repo:
        graph = repo.index.graph  # from a stage to those before it
        by_address = {stage.addressing: stage for stage in graph}
        if targets is None:
            targets = [address for address in by_address if ":" not in address]
        wanted = _matching(targets, by_address)
        for stage in list(wanted):
            wanted |= networkx.descendants(graph, stage)
        ordered = reversed(list(networkx.topological_sort(graph.subgraph(wanted))))
        result: dict[str, Stage] = {}
        for stage in ordered:
            needs = tuple(before.addressing for before in graph.successors(stage))
            behind = any(result[address].stale for address in needs)
            stale = behind or stage.changed()
            cached = stale and not behind and _cached(stage)
            command = stage.cmd if isinstance(stage.cmd, str) else " && ".join(stage.cmd or [])
            result[stage.addressing] = Stage(stage.addressing, command, needs, stale, cached)
        return list(result.values())


def _explained(error: Exception) -> str:
    """A line of what DVC could not do, and of what to do."""
    from dvc.lock import LockError

    text = " ".join(str(error).split())
    if isinstance(error, LockError):
        who = re.split(r" If there are no| Check the page", text)[0]
        return f"DVC: expected no other DVC at work on the same outs, received: {who}; wait for it, or stop it"
    if lock := re.search(r"'(?:\./)?([^']*dvc\.lock)'", text):
        remedy = "delete it: `dvc repro` finds all finished stages in its cache"
        return f"{lock[1]}: expected what DVC wrote, received: {text}; {remedy}"
    if key := re.search(r"Could not find '(\w+)'$", text):
        return f"params.yaml: {key[1]}: expected a mapping, {{}} for none, received none"
    return f"dvc.yaml: expected a pipeline that DVC can read, received: {text}"


def _matching(targets, by_address):  # type: ignore[no-untyped-def]
    wanted = set()
    for target in targets:
        found = {
            stage for address, stage in by_address.items() if address == target or address.startswith(f"{target}@")
        }
        if not found:
            raise UserError(f"TARGET: expected a stage of dvc.yaml, received {target}")
        wanted |= found
    return wanted


def _cached(stage) -> bool:  # type: ignore[no-untyped-def]
    """Whether `dvc repro` would restore the result of an earlier run."""
    import logging

    from dvc.stage.cache import RunCacheNotFoundError

    logger = logging.getLogger("dvc.stage.cache")  # announces what it would do
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        stage.save_deps(allow_missing=True)
        stage.repo.stage_cache.restore(stage, dry=True)
        return True
    except RunCacheNotFoundError:
        return False
    finally:
        logger.setLevel(level)
