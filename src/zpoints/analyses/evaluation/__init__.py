"""How good are the decoded images of each sampler, in numbers?"""

from zpoints.analyses.evaluation.config import Config
from zpoints.analyses.evaluation.measure import measure

__all__ = ["Config", "measure"]
