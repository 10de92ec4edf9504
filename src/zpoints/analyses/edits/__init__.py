"""Does adding an attribute's direction give a face the attribute, and is it still the same face?"""

from zpoints.analyses.deferred import measure_of
from zpoints.analyses.edits.config import Config

__all__ = ["Config"]

__getattr__ = measure_of(__name__)
