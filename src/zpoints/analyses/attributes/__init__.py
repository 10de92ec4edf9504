"""What of a face can be read off its z-point by a straight line?"""

from zpoints.analyses.attributes.config import Config
from zpoints.analyses.deferred import measure_of

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
