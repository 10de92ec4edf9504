"""How far from the origin do the z-points lie?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.radius.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
