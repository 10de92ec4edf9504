"""How much noise does a VAE add to its z-points, and where does it stand to the prior?"""

from zpoints.analyses.posterior.config import Config
from zpoints.analyses.posterior.measure import measure

__all__ = ["Config", "measure"]
