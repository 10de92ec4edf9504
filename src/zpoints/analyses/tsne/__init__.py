"""What does a flat map of the cloud show, and what is it worth?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.tsne.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
