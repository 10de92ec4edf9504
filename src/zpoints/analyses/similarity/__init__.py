"""Is the latent space of one model that of another one, but for a rotation?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.similarity.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
