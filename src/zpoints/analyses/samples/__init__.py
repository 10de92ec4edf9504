"""Does a z-point that is drawn at random decode to a face?"""

from zpoints.analyses.samples.config import Config
from zpoints.analyses.samples.measure import measure

__all__ = ["Config", "measure"]
