"""Does a z-point that is drawn at random decode to a face?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.samples.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
