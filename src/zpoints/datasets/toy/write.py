"""Write toy faces as CelebA is published, one archive and the label files, beside the true factors."""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from zpoints import progress
from zpoints.datasets import labels
from zpoints.datasets.processes import map_in_order
from zpoints.datasets.toy.attributes import attributes
from zpoints.datasets.toy.draw import draw_face
from zpoints.datasets.toy.factors import BLOCK, FACTORS, identity_of, sample_row

ARCHIVE = "img_align_celeba.zip"
FOLDER = "img_align_celeba"
MOST_IMAGES = 999_999  # what six digits number
QUALITY = 92
CHUNK = 25
FEW = 200  # up to so many images a worker would take longer to start than to draw
STAMP = (2021, 1, 1, 0, 0, 0)

Piece = tuple[list[bytes], np.ndarray, list[int]]


def write_toy_faces(folder: Path, images: int, seed: int) -> None:
    """Write `images` faces into an existing, empty folder, laid out as data/raw.

    The bytes depend on (images, seed) alone, and a face on (seed, its number) alone: the first N of more faces
    are the N faces. Of the images, only their labels are held in memory.
    Raises ValueError when `images` is not in 1 ... 999,999 or `seed` is negative.
    """
    if not 1 <= images <= MOST_IMAGES:
        raise ValueError(f"images: expected 1 to {MOST_IMAGES}, received {images}")
    if seed < 0:
        raise ValueError(f"seed: expected 0 or more, received {seed}")
    folder = Path(folder)
    ids = [f"{number:06d}.jpg" for number in range(1, images + 1)]
    rows, identities = [], []
    drawn = 0
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_STORED) as archive:
        pieces = _pieces(images, seed)
        for jpegs, factors, people in progress.track(pieces, total=-(-images // CHUNK), label="toy faces"):
            for jpeg in jpegs:
                archive.writestr(_entry(ids[drawn]), jpeg)
                drawn += 1
            rows.append(factors)
            identities.extend(people)
    values = np.concatenate(rows)
    people_column = np.array(identities, dtype=np.int32)[:, None]
    labels.write(folder / labels.FACTOR_FILE, labels.Table(ids, FACTORS, values))
    labels.write(folder / labels.ATTRIBUTE_FILE, labels.Table(ids, labels.ATTRIBUTES, attributes(values)))
    labels.write(folder / labels.IDENTITY_FILE, labels.Table(ids, ("identity",), people_column))
    labels.write(folder / labels.PARTITION_FILE, labels.Table(ids, ("partition",), partition(images)))


def partition(images: int) -> np.ndarray:
    """Consecutive ranges 0, 1, 2 of about 80, 10 and 10 per cent: int8 (images, 1).

    With enough images the ranges end where blocks of identities end, so that no person stands in two of them.
    """
    unit = BLOCK if images >= 10 * BLOCK else 1
    edges = [unit * round(images * share / unit) for share in (0.8, 0.9)]
    return np.searchsorted(edges, np.arange(images), side="right").astype(np.int8)[:, None]


def draw_piece(seed: int, first: int, last: int) -> Piece:
    """JPEGs, factors (float32) and identities of images first ... last - 1, counted from 0."""
    sampled = [sample_row(seed, index) for index in range(first, last)]
    rows = np.array([list(row.values()) for row in sampled], dtype=np.float32)
    # draw from what is written: float32, as whoever reads factors.csv gets them
    jpegs = [_encode(draw_face(dict(zip(FACTORS, row, strict=True)))) for row in rows.tolist()]
    return jpegs, rows, [identity_of(seed, index) for index in range(first, last)]


def _encode(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry whose header is the same on every machine at every time."""
    entry = zipfile.ZipInfo(f"{FOLDER}/{name}", STAMP)
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


def _pieces(images: int, seed: int) -> Iterator[Piece]:
    """Pieces in order, drawn here or by worker processes that are never more than a few pieces ahead."""
    spans = [(first, min(first + CHUNK, images)) for first in range(0, images, CHUNK)]
    workers = min(progress.workers(), len(spans))
    draw = partial(_draw_span, seed)
    if workers == 1 or images <= FEW:
        return map(draw, spans)
    return map_in_order(draw, spans, workers)


def _draw_span(seed: int, span: tuple[int, int]) -> Piece:
    return draw_piece(seed, *span)
