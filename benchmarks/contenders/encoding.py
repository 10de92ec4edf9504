"""Contender: `encode_images`, from shards to arrays on the disk. A step encodes all of them, start to end."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _timing import serve

from contenders import network, ours


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=network.MODELS)
    parser.add_argument("--shards", type=Path)
    options = parser.parse_args()
    serve(lambda: prepare(options.model, options.shards))


def prepare(name: str, folder: Path) -> tuple[dict[str, Any], Callable[[], object]]:
    model = ours.made(name)

    from zpoints.config.encoding import Encoding
    from zpoints.latents.encode import encode_images
    from zpoints.shards.store import Shards

    shards = Shards.open(folder)

    def step() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as out:
            encode_images(model, "benchmark", shards, Encoding(batch_size=2 * network.BATCH), Path(out))

    shards.read(range(len(shards)))  # from the system's cache from now on, as the shards of `fit` are
    return {"images": len(shards)}, step


if __name__ == "__main__":
    main()
