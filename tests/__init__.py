"""Tests of zpoints.

Their data are few, for which the stages keep BLAS to one thread too: threads would wait for each other.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
