"""Where numbers come from: the commit of the code, and what identifies the images and their split."""

import hashlib
import json
import subprocess
from pathlib import Path

from zpoints.shards.store import SPLITS


def commit(folder: Path) -> str | None:
    """The short hash of HEAD, with a + where code differs from it; None outside a repository."""
    head = _git(folder, "rev-parse", "--short=10", "HEAD")
    if not head:
        return None
    return f"{head}+" if _git(folder, "status", "--porcelain", "--", "src", "stages") else head


def images(shards: Path) -> str | None:
    """Eight hexadecimal digits for the prepared images, however they are split; None where there are none."""
    if not (shards / "index.json").is_file():
        return None
    index = json.loads((shards / "index.json").read_bytes())
    rest = {key: value for key, value in index.items() if key not in SPLITS}
    return _digest(json.dumps(rest, sort_keys=True).encode(), (shards / "ids.npy").read_bytes())


def split(shards: Path) -> str | None:
    """Eight hexadecimal digits for what is trained on and what is held out; None where there is nothing."""
    path = shards / "split.npy"
    return _digest(path.read_bytes()) if path.is_file() else None


def _digest(*parts: bytes) -> str:
    return hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()[:8]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "--no-optional-locks", *arguments], cwd=folder, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
