"""Tests of zpoints.

Their data are few: threads would wait for each other longer than they compute, most of all beside another process.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
