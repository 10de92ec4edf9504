"""How good are the decoded images of each sampler, in numbers?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.evaluation.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
