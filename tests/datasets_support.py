"""Small made-up inputs for the tests: JPEGs, archives, and folders in the layout of data/raw."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from zpoints.config.images import Images
from zpoints.datasets import labels
from zpoints.datasets.archive import Entry, open_archive, read_entry

WIDTH, HEIGHT = 24, 30
CROP = (0, 3, 24, 27)
IMAGES = Images(crop=CROP, size=8)


def jpeg(seed: int, width: int = WIDTH, height: int = HEIGHT, mode: str = "RGB") -> bytes:
    """A JPEG of soft random colours."""
    pixels = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def write_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def read_face(path: Path, entry: Entry) -> bytes:
    """The bytes of an image in an archive."""
    with open_archive(path) as archive:
        return read_entry(archive, entry.name)


def table(ids: list[str], names: tuple[str, ...], values: np.ndarray) -> labels.Table:
    return labels.Table([f"{image}.jpg" for image in ids], names, values)


def write_labels(folder: Path, n: int) -> None:
    """All label files for the images 000001 ... n; every value can be told from the id, see `attributes_of`."""
    ids = [f"{i:06d}" for i in range(1, n + 1)]
    numbers = np.arange(1, n + 1)
    labels.write(folder / labels.ATTRIBUTE_FILE, table(ids, labels.ATTRIBUTES, attributes_of(ids)))
    partition = (numbers % 3 == 0).astype(np.int8)[:, None]
    labels.write(folder / labels.PARTITION_FILE, table(ids, ("partition",), partition))
    identity = (1000 + numbers // 2).astype(np.int32)[:, None]
    labels.write(folder / labels.IDENTITY_FILE, table(ids, ("identity",), identity))


def attributes_of(ids: list[str]) -> np.ndarray:
    """The number of an image in bits: int8 (n, 40)."""
    numbers = np.array([int(image) for image in ids])
    return (numbers[:, None] >> np.arange(40) & 1).astype(np.int8)


def write_raw(folder: Path, n: int, replace: dict[str, bytes] | None = None, labelled: int | None = None) -> Path:
    """A folder as data/raw: n images, some of them with other bytes, and labels for `labelled` images."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{i:06d}": jpeg(i) for i in range(1, n + 1)} | (replace or {})
    write_zip(folder / "img_align_celeba.zip", {f"img_align_celeba/{image}.jpg": files[image] for image in files})
    write_labels(folder, labelled or n)
    (folder / "source.json").write_text(json.dumps({"source": "celeba"}))
    return folder


def damage_entry(path: Path, data: bytes) -> None:
    """Flip one byte in the middle of the stored entry that holds `data`, so that its CRC no longer fits."""
    content = bytearray(path.read_bytes())
    content[content.index(data) + len(data) // 2] ^= 0xFF
    path.write_bytes(content)
