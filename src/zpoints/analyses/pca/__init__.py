"""How many directions do the z-points need, and do they lie like a Gaussian's?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.pca.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
