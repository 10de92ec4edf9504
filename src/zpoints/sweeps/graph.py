"""What DVC knows: its stages, what each waits for, and which are stale. All use of DVC's own modules is here.

They are half-private: the extra `sweep` of pyproject.toml bounds DVC's version, and a test compares with `dvc status`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zpoints.errors import UserError


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


def stages(root: Path, targets: Iterable[str] | None = None) -> list[Stage]:
    """The targets (default: the stages of the root's dvc.yaml) and all that they need, each behind what it needs.

    Raises UserError where DVC cannot read the project, and for unknown targets.
    """
    import networkx  # type: ignore[import-untyped]
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        # DVC names stages relative to the working directory.
        with Repo(str(root), _wait_for_lock=True) as repo, repo.lock:
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
    except DvcException as error:
        raise UserError(
            f"dvc.yaml: expected a pipeline that DVC can read, received: {' '.join(str(error).split())}"
        ) from None


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
