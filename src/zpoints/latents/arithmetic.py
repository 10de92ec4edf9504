"""What is added to a z-point so that its face gets an attribute."""

import numpy as np

from zpoints.latents.directions import Directions


def step(directions: Directions, name: str, direction: str) -> np.ndarray:
    """The direction of an attribute, float64 (z_dim,), of either kind as long as the mean difference.

    So one unit is the same distance, whichever is added, and as far as faces with the attribute lie from those without.
    The normal's own unit is a standard deviation along it: that is next to nothing, since a probe looks where z-points
    vary least. Raises UserError for an unknown name or kind.
    """
    vector = directions.of(name, direction).astype(np.float64)
    length = np.linalg.norm(vector)
    return vector * (np.linalg.norm(directions.of(name).astype(np.float64)) / length) if length else vector
