"""Do the z-points form clusters, and are the clusters the attributes?"""

from zpoints.analyses.clusters.config import Config
from zpoints.analyses.clusters.measure import measure

__all__ = ["Config", "measure"]
