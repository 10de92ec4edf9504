"""One thread for linear algebra and scikit-learn where there is little to compute."""

import os
from pathlib import Path

FEW = 1_000_000  # numbers: threads that share the work on fewer wait for each other longer than they compute


def one_thread_for_few(numbers: int) -> None:
    """From now on keep BLAS and OpenMP to one thread, where the data are few `numbers`; before scipy is imported.

    Whoever sets OPENBLAS_NUM_THREADS or OMP_NUM_THREADS decides otherwise.
    """
    if numbers > FEW:
        return
    # Read by scipy's BLAS and by the OpenMP of scikit-learn, which are not loaded yet.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        from threadpoolctl import threadpool_limits

        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        threadpool_limits(1, user_api="blas")  # numpy's, which is


def numbers_in(latents: Path, model: str | None = None) -> int:
    """Numbers in the mu of a model; of all, those of the largest. 0 where there is none."""
    return max((path.stat().st_size // 4 for path in latents.glob(f"{model or '*'}/mu.npy")), default=0)  # float32
