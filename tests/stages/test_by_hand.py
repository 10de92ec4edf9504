"""The commands by hand: photographs go in, images come out, and no stage of the pipeline depends on them."""

import json
import os
import shutil
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageSequence
from ruamel.yaml import YAML

from stages._model import Align
from stages.decode import decode
from stages.edit import edit
from stages.morph import morph
from tests.lab import AE, make_shards
from tests.pipeline.declarations import ROOT
from zpoints.config.encoding import Encoding
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.interactive.photograph import read_photograph
from zpoints.latents.directions import Directions
from zpoints.latents.encode import encode_images
from zpoints.latents.trained import Trained
from zpoints.models.autoencoder import build
from zpoints.models.model_folder import fingerprint, save
from zpoints.shards.store import Shards

SIZE = 16
CROP = (0, 20, 178, 198)
DIRECTIONS = Directions("one", ("Smiling", "Male"), *np.random.default_rng(0).standard_normal((2, 2, AE.z_dim)))


@pytest.fixture(autouse=True)
def _directions(monkeypatch):
    """Every model has these directions, wherever they are kept."""
    monkeypatch.setattr(Trained, "directions", lambda self, folder: DIRECTIONS)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two models of one kind, the z-points of the first, and two photographs of other sizes."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("shards", "one", "other", "latents"):
        (root / name).mkdir()
    shards = Shards.open(make_shards(root / "shards", size=SIZE))
    for seed, name in enumerate(("one", "other")):
        save(root / name, build(AE, SIZE, seed), Training())
    trained = Trained.open("ae", root / "one")
    encode_images(trained.model, fingerprint(root / "one"), shards, Encoding(), root / "latents")
    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["images"] |= {"size": SIZE, "crop": list(CROP)}
    (root / "params.yaml").write_text(json.dumps(content))
    for index, (name, size) in enumerate({"a": (60, 90), "b": (200, 80)}.items()):
        pixels = np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), np.uint8)
        Image.fromarray(pixels).save(root / f"{name}.png")
    return root


def seen(lab, name):
    return read_photograph(lab / name, CROP, SIZE, "lanczos", "toy")


def run_decode(lab, out, sampler="gaussian", n=5, seed=3, zoom=1, trained="one", latents=None):
    folders = {"trained": lab / trained, "latents": latents or lab / "latents", "params": lab / "params.yaml"}
    decode("ae", sampler, out, n=n, seed=seed, zoom=zoom, **folders)


def run_edit(lab, out, *add, image="a.png", direction="mean_difference", trained="one"):
    folders = {"trained": lab / trained, "params": lab / "params.yaml"}
    folders |= {"latents": lab / "latents", "shards": lab / "shards"}
    edit("ae", lab / image, list(add), out, direction=direction, zoom=1, **folders)


def run_morph(lab, out, way="linear", steps=4, zoom=1, trained="one"):
    folders = {"trained": lab / trained, "latents": lab / "latents", "params": lab / "params.yaml"}
    morph("ae", lab / "a.png", lab / "b.png", out, steps=steps, way=way, zoom=zoom, **folders)


def cells(path):
    """The pictures of a sheet, row by row."""
    with Image.open(path) as image:
        sheet = np.asarray(image)
    pitch = SIZE + 2
    return np.stack(
        [
            sheet[top : top + SIZE, left : left + SIZE]
            for top in range(0, len(sheet), pitch)
            for left in range(0, sheet.shape[1], pitch)
        ]
    )


def strip_cells(path):
    """The images of a labelled strip of three."""
    with Image.open(path) as image:
        strip = np.asarray(image)
    pitch = (strip.shape[1] + 2) // 3
    return np.stack([strip[-SIZE:, left : left + SIZE] for left in (0, pitch, 2 * pitch)])


def test_decode_is_reproducible(lab, tmp_path):
    for name in ("one.png", "two.png"):
        run_decode(lab, tmp_path / name)
    run_decode(lab, tmp_path / "other.png", seed=4)
    pictures = cells(tmp_path / "one.png")
    assert len(pictures) == 6 and (pictures[5] == 255).all() and len(np.unique(pictures[:5], axis=0)) == 5
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert not np.array_equal(cells(tmp_path / "other.png"), pictures)


def test_sampler_uses_training_images_alone(lab, tmp_path):
    latents = tmp_path / "latents"
    shutil.copytree(lab / "latents", latents)
    far = (30 * np.random.default_rng(0).standard_normal((40, AE.z_dim))).astype(np.float32)
    np.save(latents / "mu.npy", far)
    run_decode(lab, tmp_path / "a.png", "bootstrap", n=16, latents=latents)
    train = Trained.open("ae", lab / "one").decode(far[:26])
    near = [np.abs(train.astype(int) - picture).max(axis=(1, 2, 3)).min() for picture in cells(tmp_path / "a.png")]
    assert max(near) <= 1


def test_edit_shows_original_reconstruction_and_sum_of_steps(lab, tmp_path):
    run_edit(lab, tmp_path / "a.png", "Smiling=2", "Male=-0.5")
    original, reconstruction, edited = strip_cells(tmp_path / "a.png")
    np.testing.assert_array_equal(original, seen(lab, "a.png"))
    trained = Trained.open("ae", lab / "one")
    mu = trained.encode(original[None])
    moved = mu + 2 * DIRECTIONS.of("Smiling") - 0.5 * DIRECTIONS.of("Male")
    expected = trained.decode(np.concatenate([mu, moved]))
    np.testing.assert_allclose([reconstruction, edited], expected.astype(float), atol=1)
    assert np.abs(edited.astype(int) - reconstruction).max() > 2


def test_edit_uses_the_chosen_direction(lab, tmp_path):
    run_edit(lab, tmp_path / "a.png", "Smiling=2")
    run_edit(lab, tmp_path / "b.png", "Smiling=2", direction="normal")
    assert not np.array_equal(strip_cells(tmp_path / "a.png")[2], strip_cells(tmp_path / "b.png")[2])
    trained = Trained.open("ae", lab / "one")
    normal, mean_difference = DIRECTIONS.of("Smiling", "normal"), DIRECTIONS.of("Smiling")
    moved = trained.encode(seen(lab, "a.png")[None]) + 2 * normal * np.linalg.norm(mean_difference) / np.linalg.norm(
        normal
    )
    np.testing.assert_allclose(strip_cells(tmp_path / "b.png")[2], trained.decode(moved)[0].astype(float), atol=1)


@pytest.mark.parametrize("way", ["linear", "spherical"])
def test_morph_leads_from_one_reconstruction_to_the_other(lab, tmp_path, way):
    run_morph(lab, tmp_path / "a.png", way)
    trained = Trained.open("ae", lab / "one")
    ends = trained.decode(trained.encode(np.stack([seen(lab, name) for name in ("a.png", "b.png")])))
    images = cells(tmp_path / "a.png")
    assert len(images) == 4
    np.testing.assert_allclose(images[[0, -1]], ends.astype(float), atol=1)


def test_arc_differs_from_line(lab, tmp_path):
    for way in ("linear", "spherical"):
        run_morph(lab, tmp_path / f"{way}.png", way)
    assert not np.array_equal(cells(tmp_path / "linear.png"), cells(tmp_path / "spherical.png"))


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_suffix_chooses_the_animation(lab, tmp_path, suffix):
    run_morph(lab, tmp_path / f"a.{suffix}")
    with Image.open(tmp_path / f"a.{suffix}") as image:
        assert len(list(ImageSequence.Iterator(image))) == 6


def test_each_command_says_what_it_wrote(lab, tmp_path, capsys):
    run_decode(lab, tmp_path / "a.png")
    run_edit(lab, tmp_path / "b.png", "Smiling=2")
    run_morph(lab, tmp_path / "c.png", zoom=2)
    run_morph(lab, tmp_path / "d.gif", zoom=3)
    lines = capsys.readouterr().out.splitlines()
    sizes = []
    for name in ("a.png", "b.png", "c.png", "d.gif"):
        with Image.open(tmp_path / name) as image:
            sizes.append(f"{image.width} x {image.height} pixels")
    counts = (5, 3, 4, 4)
    names = ("a.png", "b.png", "c.png", "d.gif")
    expected = [f"{tmp_path / name}: {n} images, {size}" for name, n, size in zip(names, counts, sizes, strict=True)]
    assert lines == expected
    assert sizes[2:] == ["140 x 32 pixels", "48 x 48 pixels"]


def test_edit_warns_of_an_unlikely_photograph(lab, tmp_path, capsys, monkeypatch):
    run_edit(lab, tmp_path / "a.png", "Smiling=0")
    monkeypatch.setattr("zpoints.interactive.novelty.PERCENTILE", -1)
    run_edit(lab, tmp_path / "b.png", "Smiling=0")
    line = capsys.readouterr().err
    assert line.startswith(f"warning: {lab / 'a.png'}: unlike the training images: its reconstruction error exceeds")
    assert line.count("\n") == 1


@pytest.mark.parametrize("align", list(Align))
def test_faces_are_looked_for_with_celeba_alone(lab, tmp_path, capsys, monkeypatch, align):
    asked = []
    monkeypatch.setattr("zpoints.interactive.alignment._faces", lambda photo: asked.append(photo.size) or [])
    content = json.loads((lab / "params.yaml").read_text())
    content["data"]["source"] = "celeba"
    (tmp_path / "celeba.yaml").write_text(json.dumps(content))
    folders = {"trained": lab / "one", "latents": lab / "latents"}
    for params in (lab / "params.yaml", tmp_path / "celeba.yaml"):
        edit("ae", lab / "a.png", ["Male=1"], tmp_path / "a.png", align=align, params=params, **folders)
        morph("ae", lab / "a.png", lab / "b.png", tmp_path / "b.png", steps=2, align=align, params=params, **folders)
    assert asked == ([(60, 90), (60, 90), (200, 80)] if align is Align.auto else [])
    assert capsys.readouterr().err.count("no face was found, so the image is cropped as it is") == len(asked)


def test_edit_never_replaces_the_photograph(lab, tmp_path):
    before = (lab / "a.png").read_bytes()
    with pytest.raises(UserError, match="expected another file than the photograph"):
        run_edit(lab, lab / "a.png", "Smiling=2")
    with pytest.raises(UserError, match="expected another file than the photograph"):
        run_morph(lab, lab / "a.png")
    assert (lab / "a.png").read_bytes() == before


def test_swapped_weights_are_refused(lab, tmp_path):
    shutil.copytree(lab / "one", tmp_path / "model")
    shutil.copy(lab / "other" / "decoder.weights.h5", tmp_path / "model")
    with pytest.raises(UserError, match=r"decoder\.weights\.h5: expected the weights .*, received other bytes"):
        Trained.open("ae", tmp_path / "model")


def test_decode_refuses_huge_sheets_before_decoding(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(Trained, "decode", None)
    with pytest.raises(UserError, match=r"expected at most .* pixels, received"):
        run_decode(lab, tmp_path / "a.png", n=10_000, zoom=16)


def test_unknown_names_list_the_known(lab, tmp_path):
    with pytest.raises(UserError, match=r"--sampler: expected one of normal, uniform_1, .*, received nrmal"):
        run_decode(lab, tmp_path / "a.png", "nrmal")
    with pytest.raises(UserError, match="attribute: expected one of Smiling, Male, received Hat"):
        run_edit(lab, tmp_path / "a.png", "Hat=1")
    with pytest.raises(UserError, match="direction: expected one of mean_difference, normal, received x"):
        run_edit(lab, tmp_path / "a.png", "Male=1", direction="x")
    with pytest.raises(UserError, match="--way: expected one of linear, spherical, received x"):
        run_morph(lab, tmp_path / "a.png", "x")
    with pytest.raises(UserError, match=r"none\.png: expected an image file, received no such file"):
        run_edit(lab, tmp_path / "a.png", "Male=1", image="none.png")
    assert not list(tmp_path.iterdir())


def hostile_pictures(folder):
    """Pictures that must be read, or refused with these words."""
    whole = Image.radial_gradient("L").resize((178, 218)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = {"cmyk.jpg": whole.convert("CMYK"), "16bit.png": Image.new("I;16", (40, 50), 40_000)}
    kept |= {
        "one.png": Image.new("RGB", (1, 1)),
        "thin.png": Image.new("RGB", (3, 4000)),
        "grey.png": whole.convert("L"),
    }
    for name, image in kept.items():
        image.save(folder / name)
    whole.save(folder / "turned.jpg", exif=exif)
    whole.save(folder / "moving.webp", save_all=True, append_images=[whole.rotate(90)])
    whole.save(folder / "moving.gif", save_all=True, append_images=[whole.rotate(90)])
    whole.save(folder / "cut.jpg")
    data = (folder / "cut.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(data[: len(data) // 2])
    Image.new("1", (14_000, 14_000)).save(folder / "bomb.png")
    (folder / "text.png").write_text("no image")
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    (folder / "loop.png").symlink_to("loop.png")
    refused = {"moving.gif": "not a JPEG, PNG or WebP", "cut.jpg": "undecodable", "bomb.png": "expected at most"}
    refused |= {"text.png": "not a JPEG, PNG or WebP", "empty.png": "an empty file", "folder.png": "received a folder"}
    refused |= {"pipe.png": "a pipe or a device", "loop.png": "Too many levels", "none.png": "no such file"}
    return (
        dict.fromkeys([*kept, "turned.jpg", "moving.webp"])
        | refused
        | dict.fromkeys(["/dev/zero"], "a pipe or a device")
    )


@pytest.mark.slow
def test_hostile_pictures_are_read_or_refused_in_a_line(lab, tmp_path):
    """By `edit`, and by `morph` at either end, of CelebA, where a face is looked for before.

    What is read is read by `edit` alone, and one of it by `morph` too: the face detector takes a while.
    """
    params = json.loads((lab / "params.yaml").read_text())
    params["data"]["source"] = "celeba"
    (tmp_path / "params.yaml").write_text(json.dumps(params))
    folders = {"trained": lab / "one", "params": tmp_path / "params.yaml", "latents": lab / "latents"}
    ways = {
        "edited.png": lambda path, out: edit("ae", path, ["Smiling=1"], out, shards=lab / "shards", zoom=1, **folders),
        "from.png": lambda path, out: morph("ae", path, lab / "a.png", out, steps=2, **folders),
        "to.png": lambda path, out: morph("ae", lab / "a.png", path, out, steps=2, **folders),
    }
    for name, words in hostile_pictures(tmp_path).items():
        for out, command in ways.items():
            if words is None and out != "edited.png" and name != "cmyk.jpg":
                continue
            if words is None:
                command(tmp_path / name, tmp_path / out)
                (tmp_path / out).unlink()
                continue
            with pytest.raises(UserError) as raised:
                command(tmp_path / name, tmp_path / out)
            (line,) = raised.value.args
            assert line.startswith(f"{tmp_path / name}: expected ") and words in line
            assert not (tmp_path / out).exists()


@pytest.mark.parametrize("command", [run_decode, partial(run_edit, image="none"), run_morph])
def test_unknown_suffix_fails_before_any_work(lab, tmp_path, command):
    with pytest.raises(UserError, match=r"--out: expected a file that ends in .*bmp"):
        command(lab, tmp_path / "a.bmp", trained="nowhere")


def test_files_of_another_model_are_refused(lab, tmp_path):
    with pytest.raises(UserError, match="expected z-points of the model ae"):
        run_decode(lab, tmp_path / "a.png", trained="other")
    with pytest.raises(UserError, match="expected z-points of the model ae"):
        run_morph(lab, tmp_path / "a.png", "spherical", trained="other")
    assert not list(tmp_path.iterdir())
