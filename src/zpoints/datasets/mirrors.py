"""CelebA from where it is published: this machine, any web server, Google Drive, the Hugging Face hub, Kaggle.

What comes is kept in a folder `store` until all of it is there, so that a run which was cut off goes on; nothing is
believed before its checksum. gdown, huggingface_hub with pyarrow, and kagglehub are extras, imported when needed.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from zpoints.config.data import Data
from zpoints.datasets import checksums as published
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, FaceArchive
from zpoints.datasets.celeba import collect_celeba
from zpoints.datasets.download import fetch
from zpoints.datasets.parquet import repack
from zpoints.datasets.zip_writer import checksum
from zpoints.errors import UserError

# The files of the authors' own shared folder, by name.
GOOGLE_DRIVE = {
    ARCHIVE_FILE: "0B7EVK8r0v71pZjFTYXZWM3FlRnM",
    labels.ATTRIBUTE_FILE: "0B7EVK8r0v71pblRyaVFSWGxPY0U",
    labels.PARTITION_FILE: "0B7EVK8r0v71pY0NSMzRuSXJEVkk",
    labels.IDENTITY_FILE: "1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS",
}
KAGGLE = "jessicali9530/celeba-dataset/versions/2"
SECONDS = 60.0  # without a byte


def bring_celeba(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    """Bring CelebA from `data.mirror` into `folder`, which exists and is empty; returns what source.json is to say.

    store: where a download waits until it is whole; made when needed, and to be removed by the caller after success.
    Raises UserError; what has come by then stays in `store` for the next call.
    """
    if data.mirror in ("archive", "folder"):
        return collect_celeba(Path(data.archive), folder, unpacked=data.mirror == "folder")
    store.mkdir(parents=True, exist_ok=True)
    facts = {
        "url": _from_web,
        "google-drive": _from_google_drive,
        "huggingface": _from_hugging_face,
        "kaggle": _from_kaggle,
    }[data.mirror](data, store, folder)
    if data.verify and data.mirror in ("huggingface", "kaggle"):  # the others' files are verified by MD5
        _expect_published(data.mirror, facts)
    return facts


def _from_web(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    assert data.url is not None
    files = {
        ARCHIVE_FILE: data.url.images,
        labels.ATTRIBUTE_FILE: data.url.attributes,
        labels.PARTITION_FILE: data.url.partition,
        labels.IDENTITY_FILE: data.url.identities,
    }
    # The small files first: a wrong address is told before the large one is fetched.
    for file, wanted in reversed(files.items()):
        if wanted:
            md5 = wanted.md5 or (published.MD5[file] if data.verify else None)
            fetch(wanted.address, store / file, md5)
            if not md5:
                _expect_readable(wanted.address, store / file)
        else:
            (store / file).unlink(missing_ok=True)  # of an earlier run
    return collect_celeba(store, folder, ours=True)


def _expect_readable(address: str, path: Path) -> None:
    """Remove what no checksum speaks for and nobody can read: an answer such as {"error": ...} would stay for good."""
    try:
        FaceArchive(path) if path.name == ARCHIVE_FILE else labels.READERS[path.name](path)
    except UserError as error:
        path.unlink()
        raise UserError(f"{address}: expected a file that can be used, received one that cannot: {error}") from error


def _from_google_drive(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    gdown = _library("gdown", data.mirror)
    for file, id in reversed(GOOGLE_DRIVE.items()):
        target = store / file
        if not target.exists():
            try:
                gdown.download(
                    id=id, output=str(target), quiet=True, resume=True, use_cookies=False, timeout=SECONDS, retries=5
                )
            except Exception as error:  # gdown's own, those of requests, and of its parser
                raise _failed(f"data.mirror: google-drive: {file}", error) from error
        if not target.is_file():
            raise UserError(f"data.mirror: google-drive: {file}: expected the file, received nothing")
        if data.verify and (found := checksum(target)["md5"]) != published.MD5[file]:
            received = f"{target.stat().st_size} bytes with MD5 {found}"
            target.unlink()
            raise UserError(
                f"data.mirror: google-drive: {file}: expected MD5 {published.MD5[file]}, received {received}"
                " (a quota or login page has a few kilobytes: try again tomorrow, or another mirror)"
            )
    return collect_celeba(store, folder, ours=True)


def _from_hugging_face(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    hub = _library("huggingface_hub", data.mirror)
    _library("pyarrow.parquet", data.mirror)
    here = store / "huggingface"
    wanted = data.huggingface
    try:
        hub.snapshot_download(
            wanted.repository,
            repo_type="dataset",
            revision=wanted.revision,
            local_dir=str(here),
            allow_patterns=["*.parquet"],
            max_workers=2,
        )
    except Exception as error:  # huggingface_hub's own, httpx's, and OSError
        raise _failed(f"data.huggingface: {wanted.repository}@{wanted.revision}", error) from error
    return repack(here, folder)


def _from_kaggle(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    kagglehub = _library("kagglehub", data.mirror)
    try:
        here = kagglehub.dataset_download(KAGGLE)
    except Exception as error:  # kagglehub's own, those of requests, and OSError
        raise _failed(f"data.mirror: kaggle: {KAGGLE}", error) from error
    return collect_celeba(Path(here), folder)


def _library(name: str, mirror: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise UserError(
            f"data.mirror: {mirror} expected the library {package}, received none: pip install 'zpoints[{mirror}]'"
        ) from error


def _failed(what: str, error: Exception) -> UserError:
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return UserError(f"{what}: expected a download, received: {reason}; run it again to go on from there")


def _expect_published(mirror: str, facts: dict[str, Any]) -> None:
    """Hold what was repacked against the published files: all labels, and what can be told of the images."""
    faults = [
        f"{file}: expected MD5 {published.MD5[file]}, received {of['md5']}"
        for file, of in facts["files"].items()
        if not of["official"] and file != ARCHIVE_FILE
    ]
    if facts["images"] != published.IMAGES:
        faults.append(f"expected {published.IMAGES} images, received {facts['images']}")
    if mirror == "kaggle" and not facts["first_official"]:
        faults.append(f"expected the published JPEGs 000001 to {published.FIRST:06d}, received others")
    if faults:
        raise UserError(f"data.mirror: {mirror}: {faults[0]} (data.verify: false takes them nevertheless)")
