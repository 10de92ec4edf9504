"""What decoders and filters cost, and what they do to the pixels: the choice that `prepare` rests on.

    python benchmarks/per_image.py ARCHIVE [--images 500] [--rounds 5] [--json FILE]

On one core and in turn, the CPU time of an image: reading it from the archive, decoding it (OpenCV too where it is
installed), and resizing the central square to 96 x 96. Decoders: the share of values that differ from Pillow's.
Filters: the share of values that differ from Pillow's Lanczos; the difference to Lanczos in float64 without any
rounding, in levels of 0 to 255 (rounding alone makes 0.28); and the floor of the cross-entropy, that is the entropy of
the pixels.
"""

import argparse
import functools
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
from PIL import Image
from threadpoolctl import ThreadpoolController

from zpoints.datasets.archive import FaceArchive, read_entry
from zpoints.datasets.picture import FILTERS, central_square
from zpoints.shards import quick
from zpoints.shards.resize import Resizer, weights

try:
    import cv2
except ImportError:
    cv2 = None
SIZE = 96


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="img_align_celeba.zip")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    ThreadpoolController().limit(limits=1)
    entries = FaceArchive(options.archive).entries[: options.images]
    with options.archive.open("rb") as file:
        data = [read_entry(file, entry) for entry in entries]
        images = [by_pillow(one) for one in data]
        width, height = images[0].size
        ways = {"read": (functools.partial(read_entry, file), entries)}
        ways |= {f"decode, {name}": (decode, data) for name, decode in decoders().items()}
        resizers = {name: (resize, images) for name, resize in pillow_resizers(width, height).items()}
        arrays = [np.asarray(image) for image in images]
        resizers |= {name: (resize, arrays) for name, resize in array_resizers(width, height).items()}
        ways |= {f"resize, {name}": way for name, way in resizers.items()}
        seconds = measure(ways, options.rounds)
    figures: dict[str, dict[str, Any]] = {name: {"microseconds": value * 1e6} for name, value in seconds.items()}
    for name, decode in decoders().items():
        figures[f"decode, {name}"]["differ"] = share([np.asarray(decode(one)) for one in data], arrays)
    exact = [lanczos(array) for array in arrays]
    rows = {name: [np.asarray(resize(one)) for one in ones] for name, (resize, ones) in resizers.items()}
    for name, small in rows.items():
        error = np.concatenate([(one - other).ravel() for one, other in zip(small, exact, strict=True)])
        figures[f"resize, {name}"] |= {
            "differ": share(small, rows["Pillow lanczos"]),
            "rms": float(np.sqrt(np.mean(error**2))),
            "largest": float(np.abs(error).max()),
            "floor": floor(small),
        }
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def report(figures: dict[str, dict[str, Any]]) -> None:
    print(f"{quick.decoder()}{f', OpenCV {cv2.__version__}' if cv2 else ''}")
    print(f"{'':32}  us/image   differ      rms  largest     floor")
    for name, row in figures.items():
        values = (
            f"{row[key]:9.{digits}f}" if key in row else " " * 9
            for key, digits in (("differ", 4), ("rms", 3), ("largest", 1), ("floor", 1))
        )
        print(f"{name:32}{row['microseconds']:10.0f}{''.join(values)}")


def measure(ways: dict[str, tuple[Callable[[Any], object], list[Any]]], rounds: int) -> dict[str, float]:
    """CPU seconds of one image, the median of rounds taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (way, ones) in ways.items():
            start = time.process_time()
            for one in ones:
                way(one)
            seconds[name].append((time.process_time() - start) / len(ones))
    return {name: statistics.median(values) for name, values in seconds.items()}


def by_pillow(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.load()
    return image


def decoders() -> dict[str, Callable[[bytes], Any]]:
    found: dict[str, Callable[[bytes], Any]] = {"Pillow": by_pillow}
    if quick.simplejpeg:
        found["simplejpeg"] = quick.simplejpeg.decode_jpeg
    if cv2:
        cv2.setNumThreads(1)
        found["OpenCV"] = lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return found


def pillow_resizers(width: int, height: int) -> dict[str, Callable[[Image.Image], Any]]:
    def resize(filter: Image.Resampling, image: Image.Image) -> Image.Image:
        return image.resize((SIZE, SIZE), filter, box=central_square(width, height))

    return {f"Pillow {name}": functools.partial(resize, filter) for name, filter in FILTERS.items()}


def array_resizers(width: int, height: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    left, top, right, bottom = box = central_square(width, height)
    found: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "ours lanczos": Resizer(width, height, box, SIZE, "lanczos")
    }
    if cv2:
        found["OpenCV area"] = lambda image: cv2.resize(
            image[top:bottom, left:right], (SIZE, SIZE), interpolation=cv2.INTER_AREA
        )
    return found


def lanczos(image: np.ndarray) -> np.ndarray:
    """In float64, rounded nowhere: (SIZE, SIZE, 3), clipped to 0 ... 255."""
    height, width, _ = image.shape
    left, top, right, bottom = central_square(width, height)
    down, across = (weights(height, top, bottom, SIZE, "lanczos"), weights(width, left, right, SIZE, "lanczos"))
    return np.clip(np.einsum("oy,yxc,px->opc", down, image, across, optimize=True), 0, 255)


def share(ones: list[np.ndarray], others: list[np.ndarray]) -> float:
    return float(np.mean([np.mean(one != other) for one, other in zip(ones, others, strict=True)]))


def floor(images: list[np.ndarray]) -> float:
    """The least cross-entropy an image can have: summed over its pixels, averaged over channels and images."""
    p = np.arange(256) / 255
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.nan_to_num(-p * np.log(p) - (1 - p) * np.log(1 - p))
    return float(np.mean([entropy[image].sum() / 3 for image in images]))


if __name__ == "__main__":
    main()
