"""Is mu normal along each axis, do the axes move together, and where in the cloud is the origin?"""

from zpoints.analyses.components.config import Config
from zpoints.analyses.deferred import measure_of

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
