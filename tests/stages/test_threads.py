"""Threads and imports of a stage: none that cost more than they give."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stages._blas import FEW, numbers_in

ROOT = Path(__file__).resolve().parents[2]
THREADS = """
import numpy
from stages._blas import one_thread_for_few
one_thread_for_few({numbers})
import scipy.linalg, sklearn.neighbors
from threadpoolctl import threadpool_info
print(*(pool["num_threads"] for pool in threadpool_info()))
"""
TENSORFLOW = """
import gc, sys
from stages._tensorflow import start_tensorflow
start_tensorflow()
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
print("sklearn" in sys.modules, "matplotlib" in sys.modules)
import keras, matplotlib.pyplot, sklearn.linear_model, tensorflow
print(keras.backend.backend(), hasattr(sklearn.linear_model, "Ridge"), hasattr(tensorflow, "Tensor"))
"""

# What is registered first is called last.
ENDING = """
import atexit, gc
from stages._command import run
atexit.register(lambda: print(gc.get_freeze_count() > 1000))
run(lambda: None)
"""


def python(code, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | variables
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_few_numbers_get_one_thread_of_each_pool():
    assert set(python(THREADS.format(numbers=FEW))) == {"1"}


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_many_numbers_and_whoever_asks_keep_their_threads():
    assert "1" not in python(THREADS.format(numbers=FEW + 1))
    assert set(python(THREADS.format(numbers=1), OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2")) == {"2"}


def test_numbers_are_those_of_the_largest_model(tmp_path):
    for name, count in (("ae", 100), ("vae", 250)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "mu.npy", np.zeros((count, 64), np.float32))
    assert 100 * 64 <= numbers_in(tmp_path, "ae") < 101 * 64 and 250 * 64 <= numbers_in(tmp_path) < 251 * 64
    assert numbers_in(tmp_path, "other") == 0


@pytest.mark.slow
def test_tensorflow_starts_without_what_others_import_later():
    assert python(TENSORFLOW) == ["True", "True", "False", "False", "tensorflow", "True", "True"]


def test_stage_ends_without_looking_for_garbage():
    assert python(ENDING) == ["True"]
