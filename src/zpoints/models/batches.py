"""Arrays in pieces that fit into memory."""

import numpy as np


def batches(values: np.ndarray, size: int) -> list[np.ndarray]:
    """An array in pieces of `size` along its first axis; the last may be shorter."""
    return [values[start : start + size] for start in range(0, len(values), size)]
