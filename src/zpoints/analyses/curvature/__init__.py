"""How sharply does the reconstruction loss rise along each axis of z, and does a VAE's noise follow from that?"""

from zpoints.analyses.curvature.config import Config
from zpoints.analyses.curvature.measure import measure

__all__ = ["Config", "measure"]
