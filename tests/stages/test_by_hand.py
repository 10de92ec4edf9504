"""The commands by hand: pictures of one's own go in, pictures come out, and no arrow of the pipeline leads to them."""

import json
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageSequence
from ruamel.yaml import YAML

from stages._hand import BY_HAND
from stages.decode import decode
from stages.edit import edit
from stages.morph import morph
from tests.lab import AE, make_shards
from tests.pipeline.declarations import ROOT, stage_names
from zpoints.models.autoencoder import build
from zpoints.errors import UserError
from zpoints.interactive.photograph import read_photograph
from zpoints.latents.directions import Directions
from zpoints.latents.encode import encode_images
from zpoints.config.encoding import Encoding
from zpoints.config.training import Training
from zpoints.latents.trained import Trained
from zpoints.shards.store import Shards
from zpoints.training.model_folder import fingerprint
from zpoints.training.model_folder import save

SIZE = 16
CROP = (0, 20, 178, 198)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two models of one kind, the z-points and directions of the first, and two photographs of other sizes."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("shards", "one", "other", "latents"):
        (root / name).mkdir()
    shards = Shards.open(make_shards(root / "shards", size=SIZE))
    for seed, name in enumerate(("one", "other")):
        save(root / name, build(AE, SIZE, seed), Training(), [{"epoch": 1}])
    trained = Trained.open("ae", root / "one")
    encode_images(trained.model, fingerprint(root / "one"), shards, Encoding(), root / "latents")
    vectors = np.random.default_rng(0).standard_normal((2, 2, AE.z_dim))
    Directions(fingerprint(root / "one"), ("Smiling", "Male"), *vectors).write(root / "directions")
    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["images"] |= {"size": SIZE, "crop": list(CROP)}
    (root / "params.yaml").write_text(json.dumps(content))
    for place, (name, size) in enumerate({"a": (60, 90), "b": (200, 80)}.items()):
        pixels = np.random.default_rng(place).integers(0, 256, (size[1], size[0], 3), np.uint8)
        Image.fromarray(pixels).save(root / f"{name}.png")
    return root


def seen(lab, name):
    return read_photograph(lab / name, CROP, SIZE, "lanczos", "toy")


def run_decode(lab, out, sampler="gaussian", n=5, seed=3, trained="one", latents=None):
    folders = {"trained": lab / trained, "latents": latents or lab / "latents", "params": lab / "params.yaml"}
    decode("ae", sampler, out, n=n, seed=seed, **folders)


def run_edit(lab, out, *add, image="a.png", by="mean_difference", trained="one"):
    folders = {"trained": lab / trained, "directions": lab / "directions", "params": lab / "params.yaml"}
    edit("ae", lab / image, list(add), out, by=by, zoom=1, **folders)


def run_morph(lab, out, way="linear", steps=4, trained="one"):
    folders = {"trained": lab / trained, "latents": lab / "latents", "params": lab / "params.yaml"}
    morph("ae", lab / "a.png", lab / "b.png", out, steps=steps, way=way, **folders)


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


def test_decode_writes_what_the_sampler_draws_the_same_each_time(lab, tmp_path):
    for name in ("one.png", "two.png"):
        run_decode(lab, tmp_path / name)
    run_decode(lab, tmp_path / "other.png", seed=4)
    pictures = cells(tmp_path / "one.png")
    assert len(pictures) == 6 and (pictures[5] == 255).all() and len(np.unique(pictures[:5], axis=0)) == 5
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert not np.array_equal(cells(tmp_path / "other.png"), pictures)


def test_the_sampler_looks_at_training_images_alone(lab, tmp_path):
    latents = tmp_path / "latents"
    shutil.copytree(lab / "latents", latents)
    far = (30 * np.random.default_rng(0).standard_normal((40, AE.z_dim))).astype(np.float32)
    np.save(latents / "mu.npy", far)
    run_decode(lab, tmp_path / "a.png", "bootstrap", n=16, latents=latents)
    train = Trained.open("ae", lab / "one").decode(far[:26])
    near = [np.abs(train.astype(int) - picture).max(axis=(1, 2, 3)).min() for picture in cells(tmp_path / "a.png")]
    assert max(near) <= 1


def test_edit_shows_the_picture_its_reconstruction_and_the_sum_of_all_that_is_added(lab, tmp_path):
    run_edit(lab, tmp_path / "a.png", "Smiling=2", "Male=-0.5")
    original, reconstruction, edited = cells(tmp_path / "a.png")
    np.testing.assert_array_equal(original, seen(lab, "a.png"))
    trained, found = Trained.open("ae", lab / "one"), Directions.open(lab / "directions")
    mu = trained.encode(original[None])
    moved = mu + 2 * found.of("Smiling") - 0.5 * found.of("Male")
    expected = trained.decode(np.concatenate([mu, moved]))
    np.testing.assert_allclose([reconstruction, edited], expected.astype(float), atol=1)
    assert np.abs(edited.astype(int) - reconstruction).max() > 2


def test_edit_takes_the_direction_that_was_asked_for(lab, tmp_path):
    run_edit(lab, tmp_path / "a.png", "Smiling=2")
    run_edit(lab, tmp_path / "b.png", "Smiling=2", by="normal")
    assert not np.array_equal(cells(tmp_path / "a.png")[2], cells(tmp_path / "b.png")[2])
    trained, found = Trained.open("ae", lab / "one"), Directions.open(lab / "directions")
    own, other = found.of("Smiling", "normal"), found.of("Smiling")
    moved = trained.encode(seen(lab, "a.png")[None]) + 2 * own * np.linalg.norm(other) / np.linalg.norm(own)
    np.testing.assert_allclose(cells(tmp_path / "b.png")[2], trained.decode(moved)[0].astype(float), atol=1)


@pytest.mark.parametrize("way", ["linear", "spherical"])
def test_morph_leads_from_one_reconstruction_to_the_other(lab, tmp_path, way):
    run_morph(lab, tmp_path / "a.png", way)
    trained = Trained.open("ae", lab / "one")
    ends = trained.decode(trained.encode(np.stack([seen(lab, name) for name in ("a.png", "b.png")])))
    found = cells(tmp_path / "a.png")
    assert len(found) == 4
    np.testing.assert_allclose(found[[0, -1]], ends.astype(float), atol=1)


def test_an_arc_is_no_line(lab, tmp_path):
    for way in ("linear", "spherical"):
        run_morph(lab, tmp_path / f"{way}.png", way)
    assert not np.array_equal(cells(tmp_path / "linear.png"), cells(tmp_path / "spherical.png"))


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_morph_moves_where_the_suffix_says_so(lab, tmp_path, suffix):
    run_morph(lab, tmp_path / f"a.{suffix}")
    with Image.open(tmp_path / f"a.{suffix}") as image:
        assert len(list(ImageSequence.Iterator(image))) == 6


def test_what_does_not_exist_names_what_does(lab, tmp_path):
    with pytest.raises(UserError, match=r"--sampler: expected one of normal, uniform_1, .*, received nrmal"):
        run_decode(lab, tmp_path / "a.png", "nrmal")
    with pytest.raises(UserError, match="attribute: expected one of Smiling, Male, received Hat"):
        run_edit(lab, tmp_path / "a.png", "Hat=1")
    with pytest.raises(UserError, match="direction: expected one of mean_difference, normal, received x"):
        run_edit(lab, tmp_path / "a.png", "Male=1", by="x")
    with pytest.raises(UserError, match="--way: expected one of linear, spherical, received x"):
        run_morph(lab, tmp_path / "a.png", "x")
    with pytest.raises(UserError, match=r"none\.png: expected an image, received: No such file"):
        run_edit(lab, tmp_path / "a.png", "Male=1", image="none.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [run_decode, partial(run_edit, image="none"), run_morph])
def test_an_unknown_suffix_is_told_before_any_work(lab, tmp_path, command):
    with pytest.raises(UserError, match=r"--out: expected a file that ends in .*bmp"):
        command(lab, tmp_path / "a.bmp", trained="nowhere")


def test_what_another_model_made_is_refused(lab, tmp_path):
    foreign = "expected {} of the model ae, received those of another one; run `dvc repro {}@ae`"
    with pytest.raises(UserError, match=foreign.format("z-points", "encode")):
        run_decode(lab, tmp_path / "a.png", trained="other")
    with pytest.raises(UserError, match=foreign.format("z-points", "encode")):
        run_morph(lab, tmp_path / "a.png", "spherical", trained="other")
    with pytest.raises(UserError, match=foreign.format("directions", "attributes")):
        run_edit(lab, tmp_path / "a.png", "Male=1", trained="other")
    assert not list(tmp_path.iterdir())


def test_commands_by_hand_are_files_and_no_stages():
    assert not set(BY_HAND) & set(stage_names())
    assert all((ROOT / "stages" / f"{name}.py").is_file() for name in BY_HAND)


@pytest.mark.parametrize("command", BY_HAND)
def test_help_answers_without_importing_anything_heavy(command):
    heavy = {"tensorflow", "keras", "sklearn", "matplotlib", "scipy", "numpy", "PIL"}
    code = (
        f"import sys; sys.argv = ['x', '--help']; import runpy\n"
        f"try: runpy.run_module('stages.{command}', run_name='__main__')\n"
        f"except SystemExit as end: assert not end.code\n"
        f"print('heavy:', sorted({heavy!r} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
    assert "Usage:" in answer and "heavy: []" in answer
    assert ("--out" in answer) == (command != "doctor")  # it writes nothing


def test_the_list_has_the_commands_by_hand_apart():
    answer = subprocess.run([sys.executable, "-m", "stages"], cwd=ROOT, capture_output=True, text=True).stdout
    pipeline, by_hand = answer.split("By hand alone, no part of the pipeline:")
    for text, names in ((pipeline, stage_names()), (by_hand, BY_HAND)):
        listed = [line.split()[0] for line in text.splitlines() if len(line.split()) > 3]
        assert set(names) <= set(listed)
