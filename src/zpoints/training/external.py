"""A model of another program: what is known of it is its z-points, arrays on disk. Nothing is trained."""

import hashlib
import json
from pathlib import Path
from typing import Any

from zpoints.config.models import ExternalEntry
from zpoints.errors import UserError

BLOCK = 1 << 20
NAMES = ("mu", "logvar", "z")


def array_files(entry: ExternalEntry) -> dict[str, Path]:
    """The files of mu, and of logvar and z where there are any. Raises UserError where there is no mu."""
    source = Path(entry.latents)
    if source.is_dir():
        files = {name: source / f"{name}.npy" for name in NAMES if (source / f"{name}.npy").exists()}
    else:
        files = {"mu": source}
    if entry.logvar is not None:
        files["logvar"] = Path(entry.logvar)
    for name, file in {"mu": source / "mu.npy", **files}.items():
        if not file.is_file():
            raise UserError(f"{file}: expected {name} of an external model, a .npy file, received no such file")
    return files


def write_description(entry: ExternalEntry, folder: Path) -> None:
    """Write model.json into an existing folder: the entry, and the SHA-256 of each of its files."""
    (folder / "model.json").write_text(json.dumps(_description(entry), indent=2) + "\n", encoding="utf-8")


def external_fingerprint(entry: ExternalEntry, folder: Path) -> str:
    """What the latents know the model by. Raises UserError where the files are not those that model.json describes."""
    path = folder / "model.json"
    text = json.dumps(_description(entry), indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        advice = f"the files have changed; run `dvc repro --force train@{folder.name}`"
        raise UserError(f"{path}: expected the external model's files as they are, received others: {advice}")
    return hashlib.sha256(text.encode()).hexdigest()


def _description(entry: ExternalEntry) -> dict[str, Any]:
    return {"model": entry.own(), "sha256": {name: _digest(file) for name, file in array_files(entry).items()}}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
