"""Do z-points and images belong together?"""

import numpy as np

from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.shards.store import Shards


def expect_images(points: Latents, images: Shards) -> None:
    """Raise UserError where these are not the images that were encoded, as many and split as they were."""
    if not np.array_equal(points.split, images.split):
        expected = f"the {len(points)} images that were encoded, with their split"
        raise UserError(f"{images.folder}: expected {expected}, received others ({len(images)}); encode anew")
