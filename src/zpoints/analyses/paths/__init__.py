"""Along which ways through the latent space do decoded images stay near real ones?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.paths.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
