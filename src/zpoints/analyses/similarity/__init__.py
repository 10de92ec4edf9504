"""Is the latent space of one model that of another one, but for a rotation?"""

from zpoints.analyses.similarity.config import Config
from zpoints.analyses.similarity.measure import measure

__all__ = ["Config", "measure"]
