"""The z-points of another program become latents like those of our models."""

import numpy as np

from zpoints.config.models import ExternalEntry
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.models.external import array_files
from zpoints.reading import read_array
from zpoints.shards.store import Shards


def external_latents(entry: ExternalEntry, shards: Shards, fingerprint: str) -> Latents:
    """The arrays of an external model, float32, in the order of the shards and with their split.

    Raises UserError where they are not finite, or have other images or dimensions than the shards and the entry say.
    """
    arrays = {}
    for name, file in array_files(entry).items():
        array = read_array(file, np.floating, ndim=2, finite=True)
        if array.shape != (len(shards), entry.z_dim):
            expected = f"({len(shards)}, {entry.z_dim}), a row for each image of {shards.folder} and z_dim columns"
            raise UserError(f"{file}: expected shape {expected}, received {array.shape}")
        arrays[name] = array
    return Latents.of(**arrays, split=shards.split, model=fingerprint)
