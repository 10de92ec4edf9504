"""Where numbers come from: the commit of the code and what identifies the images and their split."""

import hashlib
import subprocess
from pathlib import Path

IMAGES = ("index.json", "ids.npy", "split.npy")


def commit(folder: Path) -> str | None:
    """The short hash of HEAD, with a + where code differs from it; None outside a repository."""
    head = _git(folder, "rev-parse", "--short=10", "HEAD")
    if not head:
        return None
    return f"{head}+" if _git(folder, "status", "--porcelain", "--", "src", "stages") else head


def images(shards: Path) -> str | None:
    """Eight hexadecimal digits for the prepared images and their split; None where there are none."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in IMAGES:
        if not (shards / name).is_file():
            return None
        digest.update((shards / name).read_bytes())
    return digest.hexdigest()[:8]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "--no-optional-locks", *arguments], cwd=folder, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
