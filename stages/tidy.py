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
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    from zpoints.errors import UserError

    try:
        # Another process may be writing a lock file that this one reads.
        with Repo(_wait_for_lock=True) as repo, repo.lock:
            unused = repo.state.get_unused_links([out.fspath for out in repo.index.outs], repo.fs)
            removed = [path for path in unused if any(Path(path).is_relative_to(folder) for folder in FOLDERS)]
            repo.state.remove_links(removed, repo.fs)
    except DvcException as error:
        raise UserError(f"dvc.yaml: expected a pipeline that DVC can read, received: {error}") from error
    for path in sorted(removed):
        print(f"tidy: removed {path}, which no entry of params.yaml makes")
        with contextlib.suppress(OSError):  # it holds something else
            os.rmdir(Path(path).parent)
    MARK.parent.mkdir(exist_ok=True)
    MARK.write_text("Marks that stages.tidy ran before the stages that read whole folders.\n", encoding="utf-8")


if __name__ == "__main__":
    run(tidy)
