"""How many directions do the z-points need, and do they lie like a Gaussian's?"""

from zpoints.analyses.pca.config import Config
from zpoints.analyses.pca.measure import measure

__all__ = ["Config", "measure"]
