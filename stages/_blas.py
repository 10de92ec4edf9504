"""One thread for BLAS where there is little to compute."""

import os
from pathlib import Path

FEW = 1_000_000  # numbers: threads that share the products of fewer wait for each other longer than they compute


def one_thread_for_few(numbers: int) -> None:
    """From now on keep BLAS to one thread, where the data are few `numbers`; before scipy is imported.

    Whoever sets OPENBLAS_NUM_THREADS decides otherwise.
    """
    if numbers > FEW or "OPENBLAS_NUM_THREADS" in os.environ:
        return
    from threadpoolctl import threadpool_limits

    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read by scipy's own, which is not loaded yet
    threadpool_limits(1, user_api="blas")


def numbers_in(latents: Path, model: str | None = None) -> int:
    """Numbers in the mu of a model; of all, those of the largest. 0 where there is none."""
    return max((path.stat().st_size // 4 for path in latents.glob(f"{model or '*'}/mu.npy")), default=0)  # float32
