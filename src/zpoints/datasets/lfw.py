"""Labeled Faces in the Wild (Huang et al. 2007), fetched and verified by scikit-learn: 13,233 images of 5,749 people.

fetch_lfw_people knows the addresses and the SHA-256 of the funneled archive. Its arrays would fill ten gigabytes, so
one pixel of each image is asked for, and the JPEGs it has unpacked, 250 x 250 pixels, are packed as they are.
"""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np

from zpoints.datasets import labels
from zpoints.datasets.folder import in_folder, write_own
from zpoints.errors import UserError

IMAGES = 13_233
WHOLE = "whole"  # a file that says that all images have been unpacked


def collect_lfw(store: Path, folder: Path, verify: bool = True) -> dict[str, Any]:
    """Bring LFW into `folder`, which exists and is empty; returns what source.json is to say.

    store: where it waits until it is whole; made when needed, and to be removed by the caller after success.
    verify: all 13,233 images must be there. Raises UserError, and OSError for what can't be written.
    """
    home = store / "lfw"
    images = home / "lfw_home" / "lfw_funneled"
    try:
        if images.exists() and not (home / WHOLE).exists():
            shutil.rmtree(images)  # unpacking was cut off, and scikit-learn would take the rest for all
        _fetch(home)
        (home / WHOLE).touch()
        pictures, _ = in_folder(images)
    except (OSError, ValueError) as error:  # URLError and a wrong checksum are OSError
        if isinstance(error, HTTPError):
            error.close()
        reason = " ".join(str(error).split())[:300]
        raise UserError(f"data.source: lfw: expected a download by scikit-learn, received: {reason}") from error
    if verify and len(pictures) != IMAGES:
        raise UserError(f"data.source: lfw: expected {IMAGES} images, received {len(pictures)}")
    people = [picture.name.partition("/")[0] for picture in pictures]
    ids = [f"{number:06d}.jpg" for number in range(1, len(pictures) + 1)]
    numbers = np.unique(people, return_inverse=True)[1].astype(np.int32)
    tables = {labels.IDENTITY_FILE: labels.Table(ids, ("identity",), numbers[:, None])}
    return write_own(pictures, tables, folder, "lfw")


def _fetch(home: Path) -> None:
    """Let scikit-learn download, verify, unpack and look at every image."""
    from sklearn.datasets import fetch_lfw_people

    home.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its cache, and of each further try
        fetch_lfw_people(data_home=str(home), slice_=(slice(0, 1), slice(0, 1)), resize=None, color=False)
