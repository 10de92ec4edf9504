"""Does adding an attribute's direction give a face the attribute, and is it still the same face?"""

from zpoints.analyses.edits.config import Config
from zpoints.analyses.edits.measure import measure

__all__ = ["Config", "measure"]
