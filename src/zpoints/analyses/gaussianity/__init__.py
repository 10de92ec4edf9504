"""Are the z-points one multivariate normal, as a whole and without their outliers?"""

from zpoints.analyses.gaussianity.config import Config
from zpoints.analyses.gaussianity.measure import measure

__all__ = ["Config", "measure"]
