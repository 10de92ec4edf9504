"""How sharply does the reconstruction loss rise along each axis of z, and does a VAE's noise follow from that?"""

from zpoints.analyses.curvature.config import Config
from zpoints.analyses.deferred import measure_of

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
