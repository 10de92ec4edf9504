"""Remove what DVC made for models and analyses that params.yaml names no more: the joint stages read whole folders."""

import contextlib
import os
from pathlib import Path

from stages._command import run

FOLDERS = ("data/models", "data/latents", "data/measurements")
MARK = Path("data/tidied")


def tidy() -> None:
    """Remove outs that no stage of dvc.yaml has any more from data/models, data/latents and data/measurements.

    Only what is still as DVC saved it: DVC's cache holds that, and brings it back with its entry. It is what
    `dvc checkout` would remove. Anything else stays.

    Example: python -m stages.tidy
    """
    from zpoints.sweeps.graph import opened

    with opened(Path(".")) as repo:
        unused = repo.state.get_unused_links([out.fspath for out in repo.index.outs], repo.fs)
        removed = [path for path in unused if any(Path(path).is_relative_to(folder) for folder in FOLDERS)]
        repo.state.remove_links(removed, repo.fs)
    for path in sorted(removed):
        print(f"tidy: removed {path}, which no entry of params.yaml makes")
        with contextlib.suppress(OSError):  # it holds something else
            os.rmdir(Path(path).parent)
    MARK.parent.mkdir(exist_ok=True)
    MARK.write_text("Marks that stages.tidy ran before the stages that read whole folders.\n", encoding="utf-8")


if __name__ == "__main__":
    run(tidy)
