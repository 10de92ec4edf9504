"""Are the images at hand that params.yaml asks for, and how many are they?"""

import json
import zipfile
from importlib import metadata

import pytest

from tests.datasets_support import jpeg, write_raw
from zpoints.doctor.origin import extra
from zpoints.doctor.origin import missing_libraries
from zpoints.doctor.origin import origin
from zpoints.config.data import Data


def look(raw, **data):
    return origin(Data.model_validate(data), raw)


def test_toy_faces_are_drawn(tmp_path):
    source, line = look(tmp_path, source="toy", toy={"images": 500})
    assert (source.images, source.brought, line.state) == (500, False, "OK")
    assert source.bytes > 500 * 5000 and "assumed" not in line.text and source.assumed


def test_an_archive_is_counted_with_its_labels(tmp_path):
    raw = write_raw(tmp_path / "celeba", 12)
    source, line = look(tmp_path, source="celeba", archive=str(raw))
    assert (source.images, line.state) == (12, "OK")
    assert source.bytes == sum(path.stat().st_size for path in raw.iterdir() if path.name != "source.json")


def test_a_folder_of_images_is_counted(tmp_path):
    raw = write_raw(tmp_path / "celeba", 2)
    (raw / "img_align_celeba").mkdir()
    for number in (1, 2, 3):
        (raw / "img_align_celeba" / f"{number:06d}.jpg").write_bytes(jpeg(number))
    source, line = look(tmp_path, source="celeba", mirror="folder", archive=str(raw))
    assert (source.images, line.state) == (3, "OK")
    source, line = look(tmp_path, source="folder", folder={"path": str(raw / "img_align_celeba")})
    assert (source.images, line.state, source.bytes) == (3, "OK", sum(len(jpeg(number)) for number in (1, 2, 3)))


def test_labels_within_the_archive_are_not_counted_twice(tmp_path):
    raw = write_raw(tmp_path / "celeba", 2)
    archive = raw / "img_align_celeba.zip"
    with zipfile.ZipFile(archive, "a") as file:
        for label in sorted(raw.glob("*.txt")):
            file.write(label, label.name)
            label.unlink()
    source, line = look(tmp_path, source="celeba", archive=str(archive))
    assert (source.images, source.bytes, line.state) == (2, archive.stat().st_size, "OK")


def test_a_missing_archive_is_a_problem_and_all_of_celeba_is_assumed(tmp_path):
    source, line = look(tmp_path, source="celeba", archive=str(tmp_path / "none"))
    assert line.state == "problem" and "data.archive: expected" in line.text
    assert source.images == 202_599 and "202,599 images" in source.assumed


def test_missing_labels_are_a_problem(tmp_path):
    raw = write_raw(tmp_path / "celeba", 2)
    (raw / "list_attr_celeba.txt").unlink()
    assert "list_attr_celeba.txt: expected in" in look(tmp_path, source="celeba", archive=str(raw))[1].text


def test_a_cut_off_archive_is_a_problem(tmp_path):
    raw = write_raw(tmp_path / "celeba", 5)
    archive = raw / "img_align_celeba.zip"
    archive.write_bytes(archive.read_bytes()[:-40])
    assert look(tmp_path, source="celeba", archive=str(raw))[1].state == "problem"


def test_of_a_missing_folder_of_ones_own_nothing_is_assumed(tmp_path):
    source, line = look(tmp_path, source="folder", folder={"path": str(tmp_path / "none")})
    assert source is None and line.state == "problem"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.jpg").write_bytes(jpeg(1))
    labels = {"path": str(tmp_path / "mine"), "labels": str(tmp_path / "none.csv")}
    assert "data.folder.labels: expected" in look(tmp_path, source="folder", folder=labels)[1].text


@pytest.mark.parametrize("mirror", ["google-drive", "huggingface", "kaggle"])
def test_a_network_is_not_asked(tmp_path, mirror, monkeypatch):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    source, line = look(tmp_path, source="celeba", mirror=mirror)
    assert line.state == "OK" and "was not tried" in line.text and source.assumed
    assert (source.elsewhere_files, source.elsewhere) == (
        (202_599, tmp_path / "cache") if mirror == "kaggle" else (0, None)
    )
    assert (source.waiting > 0) == (mirror != "kaggle")


def test_what_was_brought_need_not_be_there_a_second_time(tmp_path):
    said = {"source": "celeba", "images": 77}
    (tmp_path / "source.json").write_text(json.dumps(said))
    source, line = look(tmp_path, source="celeba", archive=str(tmp_path / "none"))
    assert (source.images, source.brought, line.state) == (77, True, "OK")
    assert look(tmp_path, source="toy")[0].brought is False


def test_other_toy_faces_were_not_brought(tmp_path):
    (tmp_path / "source.json").write_text(json.dumps({"source": "toy", "images": 50, "seed": 3}))
    assert look(tmp_path, source="toy", toy={"images": 50, "seed": 3})[0].brought
    assert not look(tmp_path, source="toy", toy={"images": 50, "seed": 4})[0].brought
    assert not look(tmp_path, source="toy", toy={"images": 51, "seed": 3})[0].brought
    assert not look(tmp_path, source="lfw")[0].brought


@pytest.fixture
def project(tmp_path):
    text = '[project.optional-dependencies]\nkaggle = ["no-such-library>=1", "numpy>=1"]\nfast = ["numpy>=1"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    return tmp_path


def test_a_mirror_without_its_libraries_says_which_extra_to_install(project):
    line = extra(Data(source="celeba", mirror="kaggle"), project)
    assert line.state == "problem" and line.numbers["missing"] == ["no-such-library>=1"]
    assert line.text.endswith("pip install 'zpoints[kaggle]'")
    assert extra(Data(source="celeba", mirror="huggingface"), project).state == "note"


def test_a_mirror_that_is_not_used_needs_no_library(project):
    assert extra(Data(source="toy", mirror="kaggle"), project) is None
    assert extra(Data(source="celeba", mirror="url", url=None), project) is None


def test_an_older_library_than_is_needed_is_missing(project, monkeypatch):
    assert missing_libraries(project, "fast") == []
    monkeypatch.setattr(metadata, "version", lambda name: "0.9")
    assert missing_libraries(project, "fast") == ["numpy>=1"]
