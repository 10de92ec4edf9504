"""The machine's own rate: multiplying matrices, by numpy, TensorFlow or PyTorch, at a few shapes of 8 to 34 GFLOP."""

import argparse
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np
from _timing import serve

SHAPES = ((2048, 2048, 2048), (1024, 4096, 2048), (4096, 1024, 1024))  # m, k, n


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", choices=("numpy", "tensorflow", "torch"))
    parser.add_argument("--dtype", choices=("float32", "bfloat16"))
    options = parser.parse_args()
    serve(lambda: prepare(options.library, options.dtype))


def prepare(library: str, dtype: str) -> tuple[dict[str, Any], Callable[[], object]]:
    """The product at the shape at which this library is quickest."""
    found = []
    for m, k, n in SHAPES:
        random = np.random.default_rng(0)
        a, b = (random.standard_normal(edges, dtype=np.float32) for edges in ((m, k), (k, n)))
        product = {"numpy": of_numpy, "tensorflow": of_tensorflow, "torch": of_torch}[library](a, b, dtype)
        product()
        seconds = timeit.repeat(product, number=1, repeat=3)
        found.append((2 * m * k * n / min(seconds), {"flops": 2 * m * k * n, "shape": [m, k, n]}, product))
    return max(found, key=lambda one: one[0])[1:]


def of_numpy(a: np.ndarray, b: np.ndarray, dtype: str) -> Callable[[], object]:
    c = np.empty((len(a), b.shape[1]), np.float32)
    return lambda: np.matmul(a, b, out=c)


def of_tensorflow(a: np.ndarray, b: np.ndarray, dtype: str) -> Callable[[], object]:
    import tensorflow as tf

    x, y = tf.cast(a, dtype), tf.cast(b, dtype)
    product = tf.function(lambda x, y: tf.matmul(x, y))
    # A scalar that hangs on the product: reading it waits until the product is there.
    return lambda: float(product(x, y)[0, 0])


def of_torch(a: np.ndarray, b: np.ndarray, dtype: str) -> Callable[[], object]:
    import torch

    x, y = (torch.from_numpy(array).to(getattr(torch, dtype)) for array in (a, b))
    return lambda: torch.mm(x, y)


if __name__ == "__main__":
    main()
