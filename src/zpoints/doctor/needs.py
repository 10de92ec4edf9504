"""What the pipeline will put on the disk, in bytes and files, by params.yaml, beyond what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zpoints.doctor.origin import Origin
from zpoints.config.images import Images
from zpoints.config.models import AutoencoderEntry, Models, VariationalEntry
from zpoints.config.training import Training

CHANNELS, FLOAT32 = 3, 4
STATE = 3  # arrays of Adam's state and the weights, each as large as these
OTHER_BYTES = int(200e6)  # measurements, pictures and the report: 65 MB in the quick start
FILES = 2_000  # of all outs with their copies in the cache: 730 in the quick start


@dataclass(frozen=True)
class Needs:
    """Bytes of each group of outs, and those of them that are still to be written.

    passing: bytes that are there for a while; assumed: which of it is a guess.
    """

    outs: dict[str, int]
    missing: dict[str, int]
    passing: int
    assumed: str = ""
    files: int = FILES

    @property
    def total(self) -> int:
        """Bytes of all outs: what a remote or a copy of the project takes."""
        return sum(self.outs.values())


@dataclass(frozen=True)
class Room:
    """Bytes that must be free for data/ and for the cache; on one disk, their sum."""

    data: int
    cache: int


def needs(source: Origin, images: Images, models: Models, training: Training, data: Path) -> Needs:
    """What params.yaml asks for, and what of it stands in `data` with the right size."""
    number = min(source.images, images.limit or source.images)
    parts: dict[str, dict[Path, int]] = {
        "shards": {data / "shards": number * images.size**2 * CHANNELS},
        "models": {},
        "latents": {},
    }
    states = [0]
    for name in models:
        entry = models[name]
        weights = FLOAT32 * weight_count(entry, images.size)
        arrays = 3 if isinstance(entry, VariationalEntry) else 1  # mu, logvar, z; an AE's z is mu
        kept = len(entry.training(training).keep_epochs)
        parts["models"][data / "models" / name] = weights * (1 + STATE * kept)
        parts["latents"][data / "latents" / name] = number * entry.z_dim * FLOAT32 * arrays
        states.append(2 * STATE * weights)  # the state of an epoch, and of the next one beside it
    outs = {"raw": source.bytes, "other": OTHER_BYTES}
    outs |= {part: sum(places.values()) for part, places in parts.items()}
    missing = outs | {
        part: sum(count for place, count in places.items() if not _stands(place, count))
        for part, places in parts.items()
    }
    if source.brought:
        missing["raw"] = 0
    passing = max(*states, 0 if source.brought else source.waiting)
    return Needs(outs, missing, passing, source.assumed)


def room(needed: Needs, link: str | None, together: bool) -> Room:
    """What must be free when outs stand in data/ as `link` of the cache; together: both are on one disk."""
    missing = sum(needed.missing.values())
    if link == "symlink" and not together:
        # An out is made in data/, then moved to the cache.
        return Room(max(needed.missing.values()) + needed.passing, missing)
    return Room(missing + needed.passing, missing if link in (None, "copy") else 0)


def weight_count(entry: AutoencoderEntry, size: int) -> int:
    """Weights of encoder and decoder, moving statistics included: the table of networks.py without TensorFlow."""
    per_filter = 1 if entry.batch_norm == "none" else 5  # the bias; gamma, beta, moving mean and variance
    edge = size // 2 ** len(entry.filters)
    features = edge * edge * entry.filters[-1]
    inputs = (CHANNELS, *entry.filters[:-1])
    encoder = sum((9 * before + per_filter) * after for before, after in zip(inputs, entry.filters, strict=True))
    decoder = sum(
        (9 * after + per_filter) * before for before, after in zip(entry.filters[:-1], entry.filters[1:], strict=True)
    )
    last = features
    if entry.extra_dense:
        encoder += (features + 1) * entry.extra_dense
        last = entry.extra_dense
    heads = 2 if isinstance(entry, VariationalEntry) else 1
    encoder += heads * (last + 1) * entry.z_dim
    return encoder + decoder + (entry.z_dim + 1) * features + (9 * entry.filters[0] + 1) * CHANNELS


def _stands(place: Path, count: int) -> bool:
    """Whether files of about so many bytes are there."""
    found = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    return 0.98 * count <= found <= 1.02 * count + 1_000_000
