"""Properties of everything that reads files from outside: whatever the bytes, a result or one clear error.

`PROPERTIES` are functions of a folder and of Hypothesis' data, and say whether the input was accepted;
tests/datasets/test_fuzz.py runs them briefly, and benchmarks/fuzz.py for as long as one likes.
"""

import contextlib
import copy
import csv
import hashlib
import io
import json
import shutil
import socket
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from PIL import Image

from tests.datasets_support import attributes_of, jpeg, read_face, table
from zpoints.config.models import Models
from zpoints.config.reader import read
from zpoints.config.yaml import load_yaml
from zpoints.datasets import checksums as published
from zpoints.datasets import connection, labels, parquet
from zpoints.datasets import download as web
from zpoints.datasets.archive import ARCHIVE_FILE, BadEntry, FaceArchive, has_image_bytes
from zpoints.datasets.csv_labels import read_rows
from zpoints.datasets.folder import collect_own
from zpoints.datasets.picture import BadImage, face
from zpoints.errors import UserError
from zpoints.shards.store import Shards

IDS = ["000001", "000002", "000003"]
PARAMS = """data: {source: toy, toy: {images: 5000, seed: 0}, archive: celeba}  # a comment
images: {crop: [0, 20, 178, 198], size: 64}
split: {train: 0.9, by: random, seed: 0}
training: {epochs: 2, learning_rate: 1.0e-3}
monitoring: {}
encoding: {}
samplers: {uniform: [1, 2], core: null}
features: {}
explorer: {}
models:
  vae: {kind: vae, z_dim: 64, filters: [16, 32], batch_norm: affine, fact: 1.0e-5}
analyses:
  radius: {bin_width: 0.5, intervals: [[12, 24]]}
  tsne: {settings: [{perplexity: 30}]}
"""
WORDS = [b"", b"\0", b"\xff", b"\n", b"\r\n", b" ", b",", b";", b'"', b"-1", b"nan", b"1e999", b"\xef\xbb\xbf", b"../"]
WORDS += [
    b"PK\3\4",
    b"PK\1\2",
    b"PK\5\6",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"000001.jpg",
    b"&a",
    b"*a",
    b"!!python/x ",
]
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(WORDS) | st.binary(max_size=6))


@st.composite
def spoilt(draw: Callable, whole: bytes) -> bytes:
    """`whole` with a few places overwritten, taken out or put in; now and then cut off, or something else."""
    data = whole
    for place, taken, put in draw(st.lists(EDIT, max_size=4)):
        at = round(place * len(data))
        data = data[:at] + put + data[at + taken :]
    if draw(st.integers(0, 9)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    return data if draw(st.integers(0, 19)) else draw(st.binary(max_size=200))


WORDS_OF_JSON = [
    None,
    True,
    -1,
    0,
    2,
    1.5,
    1e300,
    10**30,
    "",
    "a",
    "../x",
    "\x1b[2J",
    "ä" * 300,
    [],
    {},
    [[]],
    {"a": 1},
]
CELLS = ["", "-1", "nan", "inf", "1e999", "1e300", "9" * 30, "0.5", "a", "a,b", 'a"b', "\n", "\0", "ä" * 300]


@st.composite
def spoilt_content(draw: Callable, whole: Any) -> Any:
    """Nested lists and mappings in which a few values are others, lacking, doubled or new."""
    content = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = content
        while True:
            if not isinstance(place, dict | list) or not place:
                break
            key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and draw(st.integers(0, 3)):
                place = place[key]
                continue
            change = draw(st.sampled_from(["value", "value", "value", "gone", "new"]))
            if change == "value":
                place[key] = copy.deepcopy(draw(st.sampled_from(WORDS_OF_JSON)))
            elif change == "gone":
                del place[key]
            elif isinstance(place, dict):
                place[draw(st.sampled_from(["a", "", "../x", "null"]))] = copy.deepcopy(place[key])
            else:
                place.append(copy.deepcopy(place[key]))
            break
    return content


@st.composite
def spoilt_array(draw: Callable, whole: np.ndarray) -> bytes:
    """A .npy file with a value, the type, or the shape of an array changed."""
    array = whole.copy()
    change = draw(st.sampled_from(["value", "type", "shape", "layers"]))
    with np.errstate(all="ignore"):
        if change == "value" and array.size and array.dtype.kind in "iuf":
            value = draw(st.sampled_from([-1, 2, 255, 1e30, np.nan, np.inf, -np.inf]))
            array.flat[draw(st.integers(0, array.size - 1))] = value if array.dtype.kind == "f" else int(value == 2) * 2
        elif change == "type" and array.dtype.kind in "iuf":
            array = array.astype(draw(st.sampled_from(["f8", "f2", "i8", "u1", ">f4", "?", "c8", "U3"])))
        elif change == "shape":
            array = array[: draw(st.integers(0, len(array)))] if array.ndim else array
        else:
            array = draw(st.sampled_from([array[None], array.ravel(), array.T, np.asfortranarray(array)]))
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@st.composite
def spoilt_file(draw: Callable, name: str, whole: bytes) -> bytes:
    """A file that is damaged, or whole and of another content than it should have, by its suffix."""
    suffix = name.rpartition(".")[2]
    if suffix not in ("json", "yaml", "csv", "npy") or draw(st.booleans()):
        return draw(spoilt(whole))
    if suffix == "npy":
        return draw(spoilt_array(np.load(io.BytesIO(whole))))
    if suffix == "csv":
        rows = list(csv.reader(io.StringIO(whole.decode())))
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(CELLS))
        if draw(st.integers(0, 9)) == 0:
            rows = rows[: draw(st.integers(0, len(rows)))]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()
    return json.dumps(draw(spoilt_content(_plain(suffix, whole)))).encode()  # which is YAML too


@cache
def whole_files(write: Callable[[Path], None]) -> dict[str, bytes]:
    """The files of a whole folder as `write` makes it, by their path in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }


def spoil(write: Callable[[Path], None], folder: Path, data: st.DataObject, only: str = "") -> str:
    """Make the folder one that `write` made, of which one file is not what it was; the file's path below the folder.

    What an earlier input left as it should be stays, since writing it again would take most of the time.
    """
    files = whole_files(write)
    for path in folder.iterdir():
        if path.name not in {name.partition("/")[0] for name in files}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, whole in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != whole:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(whole)
    candidates = [name for name in files if "/." not in f"/{name}" and name.startswith(only)]
    name = data.draw(st.sampled_from(candidates))
    damaged = data.draw(spoilt_file(name, files[name]))
    assume(damaged != files[name])
    (folder / name).write_bytes(damaged)
    return name


@cache
def _plain(suffix: str, whole: bytes) -> Any:
    return json.loads(whole) if suffix == "json" else load_yaml(whole.decode())


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("img_align_celeba/000001.jpg", jpeg(1, 8, 8))
        archive.writestr("img_align_celeba/000002.png", b"0123456789" * 5, zipfile.ZIP_DEFLATED)
        archive.writestr("list_attr_celeba.csv", "image_id,x\n")
    return buffer.getvalue()


def _image(kind: str, mode: str = "RGB") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.open(io.BytesIO(jpeg(1))).convert(mode).save(buffer, kind, exif=exif)
    return buffer.getvalue()


@cache
def _texts() -> dict[Callable, bytes]:
    """Each reader of labels with a whole file for it."""
    of = {}
    with tempfile.TemporaryDirectory() as folder:
        for file, values, names in (
            (labels.ATTRIBUTE_FILE, attributes_of(IDS), labels.ATTRIBUTES),
            (labels.PARTITION_FILE, np.array([[0], [1], [2]]), ("partition",)),
            (labels.IDENTITY_FILE, np.array([[7], [7], [99]]), ("identity",)),
            (labels.FACTOR_FILE, np.array([[0.5, 1], [2, -3e9], [4, 5]]), ("yaw", "smile")),
            (labels.OWN_FILE, np.array([[0, 1], [1, 1], [0, 0]]), ("hat", "smile")),
        ):
            labels.write(Path(folder, file), table(IDS, names, values))
            of[labels.READERS[file]] = Path(folder, file).read_bytes()
    bits = attributes_of(IDS).tolist()
    rows = [f"{image}.jpg," + ",".join(map(str, row)) for image, row in zip(IDS, bits, strict=True)]
    of[_read_kaggle] = "\r\n".join([",".join(["image_id", *labels.ATTRIBUTES]), *rows]).encode()
    of[_read_any] = b"\xef\xbb\xbfname;smile;age\r\na.jpg;1;30\r\n'b b.png';-1;3e1\r\n"
    return of


def _read_kaggle(path: Path) -> labels.Table:
    return published.read_csv(labels.ATTRIBUTE_FILE, path)


def _read_any(path: Path) -> list[object]:
    rows = read_rows(path)
    return [rows.binary(column) for column in rows.columns] + [rows.numbers(column) for column in rows.columns]


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


BODY = bytes(range(256)) * 8
WHOLE = _answer("200 OK", f"Content-Length: {len(BODY)}", 'ETag: "a"', body=BODY)
ANSWERS = [
    WHOLE,
    _answer("200 OK", "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT", body=BODY),
    _answer("200 OK", f"Content-Length: {len(BODY)}", 'ETag: "a"', body=BODY[:1000]),
    _answer("206 Partial Content", f"Content-Range: bytes 1000-{len(BODY) - 1}/{len(BODY)}", body=BODY[1000:]),
    _answer("200 OK", "Transfer-Encoding: chunked", body=b"400\r\n" + BODY[:1024] + b"\r\n400\r\n" + BODY[1024:]),
    _answer("416 Range Not Satisfiable", f"Content-Range: bytes */{len(BODY)}"),
    _answer("429 Too Many Requests", "Retry-After: 0"),
    _answer("503 Service Unavailable", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"),
    _answer("302 Found", "Location: /elsewhere"),
    _answer("200 OK", body=b"<html><title>Sign in</title>"),
]


@contextlib.contextmanager
def _server(answers: list[bytes]) -> Iterator[str]:
    """A server that gives these answers in turn, and then the last one again and again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            left = list(answers)
            while True:
                with contextlib.suppress(ConnectionError):
                    try:
                        connection = listener.accept()[0]
                    except OSError:
                        return  # it is over
                    with connection:
                        connection.recv(1 << 16)
                        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/a.zip"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _here_alone(host: object, *given: object, resolve: Callable = socket.getaddrinfo, **named: object) -> object:
    """A redirect that was spoilt leads nowhere."""
    if host != "127.0.0.1":
        raise socket.gaierror(socket.EAI_NONAME, "not here")
    return resolve(host, *given, **named)


def servers(folder: Path, data: st.DataObject) -> bool:
    """What a server says becomes the file, or one error that names the address; with a checksum, the right file."""
    shutil.rmtree(folder)
    folder.mkdir()
    answers = [data.draw(spoilt(data.draw(st.sampled_from(ANSWERS)))) for _ in range(data.draw(st.integers(1, 3)))]
    answers += [WHOLE] * data.draw(st.integers(0, 1))
    md5 = data.draw(st.sampled_from([None, hashlib.md5(BODY).hexdigest()]))
    patient = mock.patch.multiple(web, FIRST_WAIT=0.0, LONGEST_WAIT=0.0)
    with (
        patient,
        mock.patch.object(connection, "SECONDS", 5.0),
        mock.patch.object(socket, "getaddrinfo", _here_alone),
        _server(answers) as address,
    ):
        try:
            found = web.fetch(address, folder / "a.zip", md5)
        except UserError as error:
            assert str(error).startswith((address, str(folder))) and str(error).isprintable(), str(error)
            assert not (folder / "a.zip").exists()
            return False
        else:
            assert [path.name for path in folder.iterdir()] == ["a.zip"]
            assert found["bytes"] == (folder / "a.zip").stat().st_size
            assert md5 in (None, found["md5"])
            return True


def archives(folder: Path, data: st.DataObject) -> bool:
    """An archive is listed and all of it read, or refused."""
    path = folder / "a.zip"
    path.write_bytes(data.draw(spoilt(_zip())))
    try:
        for entry in FaceArchive(path).entries:
            assert len(read_face(path, entry)) == entry.size
    except (UserError, BadEntry) as error:
        assert isinstance(error, BadEntry) or str(error).startswith(str(path))
        assert "\n" not in str(error)
        return False
    return True


def _holds_images(path: Path, count: int) -> bool:
    entries = FaceArchive(path).entries
    assert count == len(entries) > 0
    assert all(has_image_bytes(read_face(path, entry)) for entry in entries)
    return True


def own_archives(folder: Path, data: st.DataObject) -> bool:
    """The images of an archive of your own are packed as they are, or it is refused."""
    (folder / "a.zip").write_bytes(data.draw(spoilt(_zip())))
    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    try:
        found = collect_own(folder / "a.zip", None, raw)
    except UserError as error:
        assert "\n" not in str(error)
        return False
    return _holds_images(raw / ARCHIVE_FILE, found["images"])


def label_files(folder: Path, data: st.DataObject, number: int) -> bool:
    """A label file becomes a table with a row for each id, or one error that names the file."""
    path = folder / "labels"
    read_table, whole = list(_texts().items())[number]
    path.write_bytes(data.draw(spoilt_file("labels.csv" if b"," in whole else "labels.txt", whole)))
    try:
        found = read_table(path)
    except UserError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error), str(error)
        return False
    if isinstance(found, labels.Table):
        assert len(found.ids) == len(found.values) == len(set(found.ids))
        assert np.isfinite(found.values.astype(np.float64)).all()
    return True


@cache
def _pictures() -> list[bytes]:
    return [jpeg(1), _image("PNG"), _image("WEBP"), _image("PNG", "P"), jpeg(1, mode="CMYK")]


def images(folder: Path, data: st.DataObject) -> bool:
    """An image becomes pixels or is called bad."""
    whole = data.draw(st.sampled_from(_pictures()))
    try:
        found = face(data.draw(spoilt(whole)), data.draw(st.sampled_from([None, (0, 3, 24, 27)])), 8, "lanczos")
    except BadImage as error:
        assert str(error)
        return False
    assert (found.shape, found.dtype) == ((8, 8, 3), np.uint8)
    return True


@cache
def _shards() -> dict[str, bytes]:
    """The files of a small shards folder."""
    index = {"format": 1, "images": 3, "size": 2, "shards": [{"file": "shard_000.npy", "images": 3}], "train": 2}
    index |= {"held_out": 1, "attributes": ["hat"], "factors": ["yaw"], "source": "toy"}
    arrays = {"ids": np.array(IDS), "split": np.array([0, 1, 0], np.uint8), "identities": np.arange(3, dtype=np.int32)}
    arrays |= {"attributes": np.ones((3, 1), np.uint8), "factors": np.ones((3, 1), np.float32)}
    files = {"index.json": json.dumps(index).encode()}
    for name, array in (arrays | {"shard_000": np.zeros((3, 2, 2, 3), np.uint8)}).items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        files[f"{name}.npy"] = buffer.getvalue()
    return files


def shards(folder: Path, data: st.DataObject) -> bool:
    """A shards folder is opened and all of it read, or the file at fault is named."""
    files = _shards()
    for name, whole in files.items():
        (folder / name).write_bytes(whole)
    name = data.draw(st.sampled_from(list(files)))
    (folder / name).write_bytes(data.draw(spoilt_file(name, files[name])))
    try:
        found = Shards.open(folder)
        assert found.read(np.arange(len(found))).shape == (len(found), found.size, found.size, 3)
    except UserError as error:
        assert str(error).startswith(str(folder)) and "\n" not in str(error), str(error)
        return False
    assert len(found.rows("train")) + len(found.rows("held_out")) == len(found) == len(set(found.ids.tolist()))
    return True


@cache
def _parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet as writer

    columns: dict[str, list] = {"image": [{"bytes": jpeg(number, 8, 8), "path": None} for number in range(3)]}
    columns |= {"celeb_id": [1, 2, 2], **{name: [True, False, True] for name in labels.ATTRIBUTES}}
    buffer = io.BytesIO()
    writer.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def parquets(folder: Path, data: st.DataObject) -> bool:
    """A parquet file becomes an archive of images and labels, or one error."""
    shutil.rmtree(folder)
    (folder / "raw").mkdir(parents=True)
    (folder / "train-0.parquet").write_bytes(data.draw(spoilt(_parquet())))
    try:
        found = parquet.repack(folder, folder / "raw")
    except UserError as error:
        assert str(error).startswith(str(folder)) and "\n" not in str(error), str(error)
        return False
    return _holds_images(folder / "raw" / ARCHIVE_FILE, found["images"])


def params(folder: Path, data: st.DataObject) -> bool:
    """A params file is valid, or each fault is a line that names the file."""
    path = folder / "params.yaml"
    path.write_bytes(data.draw(spoilt_file("params.yaml", PARAMS.encode())))
    try:
        found = read(path)
    except UserError as error:
        assert all(line.startswith(str(path)) for line in str(error).splitlines())
        return False
    json.dumps(found[Models].model_dump(mode="json"), allow_nan=False)
    assert all(config.model_dump_json() for config in found.analyses.values())
    return True


LABELS = (
    "attributes",
    "partition",
    "identities",
    "factors",
    "own labels",
    "CSV of CelebA's labels",
    "CSV of your labels",
)
PROPERTIES: dict[str, Callable[[Path, st.DataObject], bool]] = {
    "archives": archives,
    "archives of your own": own_archives,
    **{name: partial(label_files, number=number) for number, name in enumerate(LABELS)},
    "images": images,
    "parquet files": parquets,
    "servers": servers,
    "shards": shards,
    "params": params,
}
