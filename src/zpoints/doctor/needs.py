"""Disk space that the pipeline needs, estimated from params.yaml and from what stands in data/ already."""

import json
from pathlib import Path

from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models, VariationalEntry
from zpoints.config.reader import Params

IMAGE_BYTES = {"toy": 9_200, "celeba": 7_300, "lfw": 18_400, "folder": 58_000}  # of an original, with its labels
MODEL_BYTES = int(100e6)  # weights, and the states of two epochs while it trains
OTHER_BYTES = int(200e6)  # measurements, pictures, report: 65 MB in the quick start
FLOAT32 = 4


def image_count(data: Data, raw: Path) -> int:
    """Number of images: what was downloaded, else what the source has. Raises UserError for an unusable folder."""
    from zpoints.datasets import checksums, folder, lfw

    if (count := _downloaded(data, raw)) is not None:
        return count
    if data.source == "folder":
        return len(folder.list_pictures(Path(data.folder.path))[0])
    return {"toy": data.toy.images, "celeba": checksums.IMAGES, "lfw": lfw.IMAGES}[data.source]


def _downloaded(data: Data, raw: Path) -> int | None:
    """Number of images in data/raw; None where it doesn't hold what params.yaml asks for."""
    try:
        source = json.loads((raw / "source.json").read_text(encoding="utf-8"))
        count = int(source["images"]) if source["source"] == data.source else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if data.source == "toy" and count != data.toy.images else count


def all_outs(params: Params, count: int) -> dict[str, int]:
    """Bytes of all that is made of `count` images, by folder of data/."""
    images, models = params[Images], params[Models]
    used = min(count, images.limit or count)
    # mu, logvar, z of a VAE; an AE's z is mu.
    columns = [
        entry.z_dim * (3 if isinstance(entry, VariationalEntry) or getattr(entry, "logvar", None) else 1)
        for entry in models.root.values()
    ]
    return {
        "raw": count * IMAGE_BYTES[params[Data].source],
        "shards": used * images.size**2 * 3,
        "models": MODEL_BYTES * len(columns),
        "latents": used * sum(columns) * FLOAT32,
        "others": OTHER_BYTES,
    }


def missing_outs(params: Params, count: int, data: Path) -> dict[str, int]:
    """Those bytes, less what stands in the folders of `data`."""

    def there(name: str) -> int:
        return sum(file.stat().st_size for file in (data / name).rglob("*") if file.is_file())

    missing = {name: max(0, expected - there(name)) for name, expected in all_outs(params, count).items()}
    return missing | ({"raw": 0} if _downloaded(params[Data], data / "raw") else {})
