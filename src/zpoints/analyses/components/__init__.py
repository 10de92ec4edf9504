"""Is mu normal along each axis, do the axes move together, and where in the cloud is the origin?"""

from zpoints.analyses.components.config import Config
from zpoints.analyses.components.measure import measure

__all__ = ["Config", "measure"]
