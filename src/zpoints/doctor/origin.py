"""The images that params.yaml asks for: how many, how large, whether they are at hand, and what bringing them needs."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from zpoints.doctor.report import Finding
from zpoints.errors import UserError
from zpoints.config.data import Data

# Assumed bytes of an image with its labels, as data/raw has them.
TOY_BYTES, CELEBA_BYTES, LFW_BYTES, OWN_BYTES = 9_200, 7_300, 18_400, 58_000
HUB_BYTES = int(12e9)  # the preset of data.huggingface, as parquet files
EXTRAS = ("google-drive", "huggingface", "kaggle")


@dataclass(frozen=True)
class Origin:
    """What the source brings: `bytes` to data/raw, meanwhile `waiting` in .resume/; assumed: which of it is a guess.

    elsewhere: a folder outside the project that takes `elsewhere_files` small files of `elsewhere_bytes` altogether.
    """

    images: int
    bytes: int
    waiting: int = 0
    assumed: str = ""
    brought: bool = False
    elsewhere: Path | None = None
    elsewhere_files: int = 0
    elsewhere_bytes: int = 0


def origin(data: Data, raw: Path) -> tuple[Origin | None, Finding]:
    """What `data` brings, None where nobody knows, and a line on whether it can; from `raw` where it did before."""
    subject = f"data.source {data.source}"
    if (images := _brought(data, raw)) is not None:
        count = sum(path.stat().st_size for path in raw.iterdir() if path.is_file())
        text = f"{images:,} images are in {raw}"
        return Origin(images, count, brought=True), Finding(subject, "OK", text, {"images": images})
    if data.source == "toy":
        images = data.toy.images
        found = Origin(images, images * TOY_BYTES, assumed=f"{TOY_BYTES / 1000:g} kB a toy face")
        return found, Finding(subject, "OK", f"{images:,} images will be drawn", {"images": images})
    from zpoints.datasets import lfw
    from zpoints.datasets import checksums as published

    if data.source == "lfw":
        count = lfw.IMAGES * LFW_BYTES
        found = Origin(lfw.IMAGES, count, 2 * count, f"{LFW_BYTES / 1000:g} kB an image of LFW")
        return found, Finding(subject, "OK", f"{lfw.IMAGES:,} images will be fetched", {"images": lfw.IMAGES})
    try:
        if data.source == "folder":
            return _own(data, subject)
        if data.mirror in ("archive", "folder"):
            return _local(data, subject)
    except (UserError, OSError) as error:
        number = published.IMAGES
        guess = Origin(number, number * CELEBA_BYTES, assumed=f"{number:,} images") if data.source == "celeba" else None
        return guess, Finding(subject, "problem", str(error).replace("\n", "; "), {"images": None})
    return _network(data, subject, published.IMAGES)


def extra(data: Data, project: Path) -> Finding | None:
    """Whether the optional libraries of `data.mirror` are installed; None where none is needed."""
    if data.source != "celeba" or data.mirror not in EXTRAS:
        return None
    missing = missing_libraries(project, data.mirror)
    if missing is None:
        return Finding("data.mirror", "note", f"expected {project / 'pyproject.toml'} with the extra {data.mirror}")
    if missing:
        text = f"{data.mirror} expected {' and '.join(missing)}, received none: pip install 'zpoints[{data.mirror}]'"
        return Finding("data.mirror", "problem", text, {"missing": missing})
    return Finding("data.mirror", "OK", f"{data.mirror}: its libraries are installed", {"missing": []})


def missing_libraries(project: Path, name: str) -> list[str] | None:
    """Requirements of an extra of pyproject.toml that are not installed; None where there is no such file or extra."""
    from packaging.requirements import Requirement

    try:
        content = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        wanted = [Requirement(text) for text in content["project"]["optional-dependencies"][name]]
    except (OSError, ValueError, KeyError):
        return None
    missing = []
    for each in wanted:
        try:
            fits = each.specifier.contains(metadata.version(each.name), prereleases=True)
        except metadata.PackageNotFoundError:
            fits = False
        if not fits:
            missing.append(str(each))
    return missing


def _brought(data: Data, raw: Path) -> int | None:
    """Number of images where data/raw holds what this source brings; None where it does not."""
    try:
        source = json.loads((raw / "source.json").read_text(encoding="utf-8"))
        same = source["source"] == data.source and int(source["images"]) > 0
        if data.source == "toy":
            same = same and (source["images"], source["seed"]) == (data.toy.images, data.toy.seed)
        return int(source["images"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _own(data: Data, subject: str) -> tuple[Origin, Finding]:
    from zpoints.datasets.folder import find_pictures

    pictures = find_pictures(Path(data.folder.path))
    if data.folder.labels and not Path(data.folder.labels).is_file():
        raise UserError(f"data.folder.labels: expected a CSV file, received {data.folder.labels}: no such file")
    text = f"{len(pictures):,} images in {data.folder.path}"
    found = Origin(len(pictures), sum(picture.size for picture in pictures))
    return found, Finding(subject, "OK", text, {"images": len(pictures)})


def _local(data: Data, subject: str) -> tuple[Origin, Finding]:
    from zpoints.datasets.celeba import count
    from zpoints.datasets.celeba import find

    images, labelled = find(Path(data.archive), data.mirror == "folder")
    number, total = count(images)
    total += sum(of.path.stat().st_size for of in labelled.values() if of and of.path != images)
    return Origin(number, total), Finding(subject, "OK", f"{number:,} images in {images}", {"images": number})


def _network(data: Data, subject: str, images: int) -> tuple[Origin, Finding]:
    """The mirrors that are asked nothing: what they bring is known, or assumed."""
    text = f"{images:,} images from {data.mirror}: needs a network, which was not tried"
    finding = Finding(subject, "OK", text, {"images": images})
    count = images * CELEBA_BYTES
    if data.mirror == "huggingface":
        each, assumed = images * OWN_BYTES, f"12 GB of parquet files, {OWN_BYTES / 1000:g} kB an image"
        return Origin(images, each, HUB_BYTES, assumed), finding
    assumed = f"{CELEBA_BYTES / 1000:g} kB an image of CelebA"
    if data.mirror == "kaggle":
        cache = Path(os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub")
        # The zip is there with all that is unpacked out of it.
        return Origin(images, count, 0, assumed, False, cache, images, 2 * count), finding
    return Origin(images, count, count, assumed), finding
