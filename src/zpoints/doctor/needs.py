"""Disk space that the pipeline needs, estimated from params.yaml and from what stands in data/ already."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models, VariationalEntry
from zpoints.config.monitoring import Monitoring
from zpoints.config.reader import Params
from zpoints.doctor.finding import size

IMAGE_BYTES = {"toy": 9_200, "celeba": 7_300, "lfw": 18_400, "folder": 58_000}  # of an original, with its labels
HUGGINGFACE_BYTES = int(12e9)  # of the preset's parquet files, which become 12 GB of images
OTHER_BYTES = int(200e6)  # measurements, pictures, report: 65 MB in the quick start
FLOAT32 = 4
STATE = 3  # Adam's two moments and the weights


@dataclass(frozen=True)
class Needs:
    """Bytes of each out by its path below data/, those still to be written, and those needed for a while."""

    outs: dict[Path, int]
    missing: dict[Path, int]
    temporary: int

    def text(self) -> str:
        """What is missing, by kind: `shards 61 MB, latents 5 MB, temporarily 12 MB`."""
        kinds: dict[str, int] = {}
        for path, count in self.missing.items():
            kinds[path.parts[0]] = kinds.get(path.parts[0], 0) + count
        return ", ".join(f"{kind} {size(count)}" for kind, count in (*kinds.items(), ("temporarily", self.temporary)))

    def space(self, link: str, same_disk: bool) -> dict[str, int]:
        """Bytes that must be free for data/ and for a cache on another disk, where DVC links outs by `link`."""
        missing = sum(self.missing.values())
        if same_disk:
            return {"data": missing * (2 if link == "copy" else 1) + self.temporary}
        # An out that becomes a symlink is moved to the cache once it is written.
        in_data = max(self.missing.values()) if link == "symlink" else missing
        return {"data": in_data + self.temporary, "cache": missing}


def image_count(data: Data, raw: Path) -> int:
    """Number of images: what was downloaded, else what the source has. Raises UserError for an unusable folder."""
    from zpoints.datasets import checksums, folder, lfw

    if (count := _downloaded(data, raw)) is not None:
        return count
    if data.source == "folder":
        return len(folder.find_pictures(Path(data.folder.path)))
    return {"toy": data.toy.images, "celeba": checksums.IMAGES, "lfw": lfw.IMAGES}[data.source]


def _downloaded(data: Data, raw: Path) -> int | None:
    """Number of images in data/raw; None where it doesn't hold what params.yaml asks for."""
    try:
        source = json.loads((raw / "source.json").read_text(encoding="utf-8"))
        count = int(source["images"]) if source["source"] == data.source else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if data.source == "toy" and count != data.toy.images else count


def estimate(params: Params, count: int, weights: Mapping[str, int], data: Path) -> Needs:
    """What `count` images need; weights: of each model, encoder and decoder together."""
    block, images, models = params[Data], params[Images], params[Models]
    used = min(count, images.limit or count)
    per_image = HUGGINGFACE_BYTES / count if (block.source, block.mirror) == ("celeba", "huggingface") else 0
    raw = count * int(per_image or IMAGE_BYTES[block.source])
    outs = {Path("raw"): raw, Path("shards"): used * images.size**2 * 3, Path("other"): OTHER_BYTES}
    for name in models:
        entry, bytes_of_weights = models[name], FLOAT32 * weights.get(name, 0)
        arrays = (
            3 if isinstance(entry, VariationalEntry) or getattr(entry, "logvar", None) else 1
        )  # mu, logvar, z; an AE's z is mu
        kept = len(params[Monitoring].keep_epochs)
        outs[Path("models", name)] = bytes_of_weights * (1 + STATE * kept)
        outs[Path("latents", name)] = used * entry.z_dim * FLOAT32 * arrays
    missing = {path: expected for path, expected in outs.items() if not _stands(data / path, expected)}
    if _downloaded(block, data / "raw"):
        missing.pop(Path("raw"), None)
    # A training holds the state of two epochs, a download the files that it repacks.
    states = 2 * STATE * FLOAT32 * max(weights.values(), default=0)
    return Needs(outs, missing, max(states, missing.get(Path("raw"), 0) if block.source != "toy" else 0))


def _stands(path: Path, count: int) -> bool:
    """Whether a folder holds about so many bytes."""
    total = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return total > 0 and abs(total - count) <= 0.02 * count + 1_000_000
