"""What does a flat map of the cloud show, and what is it worth?"""

from zpoints.analyses.tsne.config import Config
from zpoints.analyses.tsne.measure import measure

__all__ = ["Config", "measure"]
