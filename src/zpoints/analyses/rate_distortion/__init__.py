"""How much does a z-point tell of its image, how much of the image is lost, and how far are z-points from the prior?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.rate_distortion.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
