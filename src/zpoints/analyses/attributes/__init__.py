"""What of a face can be read off its z-point by a straight line?"""

from zpoints.analyses.attributes.config import Config
from zpoints.analyses.attributes.measure import measure

__all__ = ["Config", "measure"]
