"""How much noise does a VAE add to its z-points, and where does it stand to the prior?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.posterior.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
