"""How far from the origin do the z-points lie?"""

from zpoints.analyses.radius.config import Config
from zpoints.analyses.radius.measure import measure

__all__ = ["Config", "measure"]
