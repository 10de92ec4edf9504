"""Along which ways through the latent space do decoded images stay near real ones?"""

from zpoints.analyses.paths.config import Config
from zpoints.analyses.paths.measure import measure

__all__ = ["Config", "measure"]
