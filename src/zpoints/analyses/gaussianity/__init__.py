"""Are the z-points one multivariate normal, as a whole and without their outliers?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.gaussianity.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
