"""Do the z-points form clusters, and are the clusters the attributes?"""

from zpoints.analyses.clusters.config import Config
from zpoints.analyses.deferred import measure_of

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
