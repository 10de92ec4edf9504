"""A model of another program: its z-points, arrays on disk, and perhaps its decoder. Nothing is trained."""

import hashlib
import json
import shutil
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


def write_external(entry: ExternalEntry, folder: Path) -> None:
    """Write into an existing folder model.json, the entry with the SHA-256 of each of its files, and the decoder.

    Raises UserError where a file is missing.
    """
    (folder / "model.json").write_text(json.dumps(_description(entry), indent=2) + "\n", encoding="utf-8")
    if entry.decoder is not None:
        shutil.copyfile(entry.decoder, decoder_file(entry, folder))


def decoder_file(entry: ExternalEntry, folder: Path) -> Path:
    """Where the folder of an external model with a decoder holds it."""
    return (folder / "decoder").with_suffix(Path(str(entry.decoder)).suffix)


def external_fingerprint(entry: ExternalEntry, folder: Path) -> str:
    """What the latents know the model by. Raises UserError where the files are not those that model.json describes."""
    path = folder / "model.json"
    text = json.dumps(_description(entry), indent=2) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        advice = f"the files have changed; run `dvc repro --force train@{folder.name}`"
        raise UserError(f"{path}: expected the external model's files as they are, received others: {advice}")
    if entry.decoder is not None and _digest(Path(entry.decoder)) != _digest(copy := decoder_file(entry, folder)):
        raise UserError(f"{copy}: expected the decoder that model.json describes, received other bytes")
    return hashlib.sha256(text.encode()).hexdigest()


def _description(entry: ExternalEntry) -> dict[str, Any]:
    files = array_files(entry)
    if entry.decoder is not None:
        files["decoder"] = Path(entry.decoder)
        if not files["decoder"].is_file():
            raise UserError(f"{entry.decoder}: expected the decoder of an external model, received no such file")
    return {"model": entry.own(), "sha256": {name: _digest(file) for name, file in files.items()}}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
