"""The page in a real browser, opened from disk."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.explorer.conftest import HOSTILE, IMAGES, SIZE, Z_DIM, Opened
from tests.lab import AE

pytestmark = pytest.mark.slow


def assert_same_picture(seen: np.ndarray, decoded: np.ndarray) -> None:
    """Within one grey level, and with something to see."""
    assert decoded.std() > 5
    assert np.abs(seen.astype(int) - decoded.astype(int)).max() <= 1


def z_shown(page, pane: int = 0) -> np.ndarray:
    return np.array(page.evaluate(f"Array.from(zpoints.panes[{pane}].point.z)"), np.float32)


@pytest.mark.parametrize("panes", ["ae", "vae", "ae,vae"])
def test_clicked_point_decodes_as_keras_does(small_run, open_page, panes):
    page = open_page(f"#models={panes}&map=pca").ready()
    for row in (7, 41):
        page.click(row)
        for pane, name in enumerate(panes.split(",")):
            page.page.wait_for_function(f"() => zpoints.panes[{pane}].point.row === {row} && zpoints.hovered < 0")
            assert_same_picture(page.face(pane), small_run.trained(name).decode(small_run.mu(name)[[row]])[0])
    assert page.faults == []


def test_page_asks_the_network_for_nothing(open_page):
    page = open_page().ready()
    for panel in ("samplers", "path", "photo"):
        page.evaluate(f"zpoints.set({{panel: {panel!r}}})")
    assert page.requests and all(url.startswith(("file:", "blob:")) for url in page.requests)
    assert page.faults == []


def test_policy_forbids_inline_scripts_and_requests(open_page):
    page = open_page().ready()
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert page.evaluate("window.ran ?? 0") == 0
    assert page.evaluate("fetch('https://example.org').then(() => 'reached', () => 'refused')") == "refused"


def test_slider_moves_by_a_standard_deviation(small_run, open_page):
    page = open_page("#map=pca&at=row:3").ready()
    slider = page.page.get_by_label("axis 1", exact=True)
    slider.fill("2")
    page.face()
    mu = small_run.mu("ae")
    train = mu[np.load(small_run.shards / "split.npy") == 0].astype(np.float64)
    variances, axes = np.linalg.eigh(np.cov(train.T))
    moved = z_shown(page) - mu[3]
    assert np.linalg.norm(moved) == pytest.approx(2 * np.sqrt(variances[-1]), rel=1e-3)
    assert abs(moved @ axes[:, -1]) == pytest.approx(np.linalg.norm(moved), rel=1e-4)
    assert_same_picture(page.face(), small_run.trained("ae").decode(z_shown(page)[None])[0])


def test_attribute_slider_is_in_deviations_along_its_direction(small_run, open_page):
    page = open_page("#map=pca&at=row:3&edit=1+attr%3ASmiling").ready()
    page.face()
    mu = small_run.mu("ae").astype(np.float64)
    vector = np.load(small_run.measurements / "ae/attributes/mean_difference.npy")[0].astype(np.float64)
    unit = vector / np.linalg.norm(vector)
    train = mu[np.load(small_run.shards / "split.npy") == 0]
    np.testing.assert_allclose(z_shown(page) - mu[3], (train @ unit).std(ddof=1) * unit, atol=2e-3)


def test_gauge_is_that_of_the_cloud(small_run, open_page):
    page = open_page("#map=pca&at=row:5").ready()
    page.face()
    mu = small_run.mu("ae").astype(np.float64)
    train = mu[np.load(small_run.shards / "split.npy") == 0]
    away = mu[5] - train.mean(axis=0)
    expected = np.sqrt(away @ np.linalg.solve(np.cov(train.T), away))
    gauge = page.evaluate(
        "(({radius, distance}) => [radius, distance])(zpoints.panes[0].space.gauge(zpoints.panes[0].point.z))"
    )
    np.testing.assert_allclose(gauge, [np.linalg.norm(mu[5]), expected], rtol=2e-3)
    distances = np.linalg.norm(mu - mu[5], axis=1)
    distances[5] = np.inf
    nearest = page.evaluate("zpoints.panes[0].space.nearest(zpoints.panes[0].point.z, {exclude: 5})")
    assert nearest["row"] == distances.argmin()
    assert nearest["distance"] == pytest.approx(distances.min(), rel=1e-2)


@pytest.fixture(scope="module")
def untouched(browser, small_run):
    """One page for tests that ask and change nothing."""
    opened = Opened(browser, small_run.page).ready()
    yield opened
    opened.context.close()


@pytest.mark.parametrize("sampler", ["normal", "diagonal", "gaussian", "permuted", "elliptical", "mixture", "jitter"])
def test_samplers_draw_from_their_law(small_run, untouched, sampler):
    """Mean and covariance of 2,000 draws; of the mixture and permuted scores, what they share with the cloud's."""
    code = "zpoints.draw(zpoints.panes[0].space, %r, 2000, 1, {bound: 2, sigmas: 2, jitter: 0.2})"
    draws = np.array(untouched.evaluate(f"{code % sampler}.then((points) => points.map((z) => Array.from(z)))"))
    mu = small_run.mu("ae").astype(np.float64)
    train = mu[np.load(small_run.shards / "split.npy") == 0]
    cloud = mu if sampler in ("permuted", "jitter") else train
    mean, covariance = train.mean(axis=0), np.cov(cloud.T)
    if sampler == "normal":
        mean, covariance = np.zeros(Z_DIM), np.eye(Z_DIM)
    if sampler == "diagonal":
        covariance = np.diag(np.diagonal(covariance))
    if sampler in ("permuted", "jitter"):
        mean = mu.mean(axis=0)
    scale = np.sqrt(np.diagonal(covariance))
    np.testing.assert_allclose((draws.mean(axis=0) - mean) / scale, 0, atol=0.15)
    slack = 0.15 if sampler in ("normal", "diagonal", "gaussian") else 0.3
    np.testing.assert_allclose((np.cov(draws.T) - covariance) / np.outer(scale, scale), 0, atol=slack)


def test_path_ends_at_its_points(small_run, open_page):
    mu = small_run.mu("ae")
    for kind in ("linear", "spherical"):
        for share, row in ((0, 4), (1, 9)):
            page = open_page(f"#at=path&panel=path&path=4,9,{kind},{share}").ready()
            page.face()
            np.testing.assert_allclose(z_shown(page), mu[row], atol=2e-3)


def test_path_plays_and_is_saved(open_page, tmp_path):
    from PIL import Image

    page = open_page("#at=path&panel=path&path=4,9,linear,0").ready()
    page.page.keyboard.press("p")
    page.page.wait_for_function("() => zpoints.state.path.share > 0")
    page.page.keyboard.press("p")
    frames = {}
    for label, name in (("PNG strip", "path.png"), ("GIF", "path.gif")):
        with page.page.expect_download() as download:
            page.page.get_by_role("button", name=label, exact=True).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            image.load()
            frames[name] = getattr(image, "n_frames", 1)
            assert image.height == SIZE and image.width % SIZE == 0
    assert frames["path.png"] == 1 < frames["path.gif"]


def test_lasso_lists_the_points_inside(open_page):
    page = open_page("#map=pca").ready()
    box = page.page.locator(".overlay").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)]
    page.page.keyboard.down("Shift")
    page.page.mouse.move(box["x"] + 0.01 * box["width"], box["y"] + 0.01 * box["height"])
    page.page.mouse.down()
    for x, y in corners[1:]:
        page.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
    page.page.mouse.up()
    page.page.keyboard.up("Shift")
    page.page.wait_for_function("() => zpoints.state.panel === 'list'")
    assert page.evaluate("zpoints.listed.length") == IMAGES


@pytest.mark.parametrize(("color", "legend"), [("error", "reconstruction error"), ("cluster", "cluster 12")])
def test_points_are_coloured_as_asked(open_page, color, legend):
    page = open_page(f"#color={color}").ready()
    assert legend in page.page.locator(".legend").inner_text()
    assert page.evaluate("zpoints.controls.color.value") == color


def test_two_fingers_zoom_the_map(browser, small_run):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto((small_run.page / "index.html").as_uri())
    page.wait_for_selector("html[data-complete]", state="attached", timeout=60_000)
    before = page.evaluate("zpoints.panes[0].map.scale")
    page.locator(".overlay").scroll_into_view_if_needed()
    box = page.locator(".overlay").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    session = context.new_cdp_session(page)

    def touch(kind, spread):
        points = [{"x": middle[0] + side * spread, "y": middle[1], "id": side + 1} for side in (-1, 1)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

    touch("touchStart", 20)
    for spread in (30, 40, 60):
        touch("touchMove", spread)
    touch("touchEnd", 60)
    assert page.evaluate("zpoints.panes[0].map.scale") > 2 * before
    context.close()


def test_arithmetic_adds_and_subtracts(small_run, open_page):
    page = open_page("#at=sum&panel=arithmetic&sum=1,2,3").ready()
    page.face()
    mu = small_run.mu("ae")
    np.testing.assert_allclose(z_shown(page), mu[1] - mu[2] + mu[3], atol=3e-3)


def test_photo_is_encoded_in_the_page(small_run, open_page, tmp_path):
    from PIL import Image

    from zpoints.shards.store import Shards

    picture = Shards.open(small_run.shards).read([8])[0]
    Image.fromarray(picture).save(tmp_path / "photo.png")
    page = open_page("#panel=photo").ready()
    page.page.set_input_files("input[type=file]", tmp_path / "photo.png")
    page.page.wait_for_function("() => zpoints.state.base === 'photo' && zpoints.panes[0].point.label === 'your photo'")
    np.testing.assert_allclose(z_shown(page), small_run.trained("ae").encode(picture[None])[0], atol=5e-3)
    assert "photo" not in page.page.url.partition("at=")[2].partition("&")[0]


@pytest.fixture
def framed(small_run, open_page, tmp_path):
    """A page with a photograph of 100 x 60 pixels, red rises to the right and green downwards; and what is encoded."""
    from PIL import Image

    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[..., 0] += np.arange(0, 200, 2, np.uint8)
    pixels[..., 1] += np.arange(0, 240, 4, np.uint8)[:, None]
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    page = open_page("#panel=photo").ready()
    page.page.set_input_files("input[type=file]", tmp_path / "photo.png")
    page.page.wait_for_function("() => zpoints.panes[0].point.photo")

    def seen() -> tuple[float, float, float]:
        """Left and top end and width of the frame in pixels of the photograph, from the colours inside it."""
        page.face()
        data = np.array(page.evaluate("Array.from(zpoints.panes[0].point.photo.data)"), float).reshape(SIZE, SIZE, 4)
        red, green = data[1:-1, 1:-1, 0].mean(axis=0) / 2, data[1:-1, 1:-1, 1].mean(axis=1) / 4
        step = np.diff(red).mean()
        return red[0] - 1.5 * step, green[0] - 1.5 * step, SIZE * step

    return page, seen


def test_photo_begins_with_its_central_square(framed):
    _, seen = framed
    np.testing.assert_allclose(seen(), (20, 0, 60), atol=1)


def test_photo_is_moved_by_mouse_wheel_and_keys(framed):
    page, seen = framed
    crop = page.page.locator(".crop")
    box = crop.bounding_box()
    inner = box["width"] * (512 - 160) / 512  # the frame on the screen
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.mouse.move(*middle)
    page.page.mouse.wheel(0, -460)
    left, top, width = seen()
    np.testing.assert_allclose((left + width / 2, top + width / 2, width), (50, 30, 60 / np.exp(0.69)), atol=1)
    page.page.mouse.down()
    page.page.mouse.move(middle[0] + inner / 4, middle[1] - inner / 8, steps=3)
    page.page.mouse.up()
    moved = seen()
    np.testing.assert_allclose(moved, (left - width / 4, top + width / 8, width), atol=1)
    crop.focus()
    for _ in range(5):
        page.page.keyboard.press("ArrowRight")
    np.testing.assert_allclose(seen(), (moved[0] - 40 / 352 * width, moved[1], width), atol=1)
    for _ in range(3):
        page.page.keyboard.press("+")
    assert seen()[2] == pytest.approx(width / 1.1**3, abs=1)
    page.page.keyboard.press("0")
    np.testing.assert_allclose(seen(), (20, 0, 60), atol=1)


def test_two_fingers_zoom_the_photo(framed):
    page, seen = framed
    box = page.page.locator(".crop").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page.page)
    for kind, spread in (("touchStart", 20), ("touchMove", 30), ("touchMove", 40), ("touchEnd", None)):
        points = [{"x": x + side * spread, "y": y, "id": side + 1} for side in (-1, 1)] if spread else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    left, top, width = seen()
    np.testing.assert_allclose((left + width / 2, top + width / 2, width), (50, 30, 30), atol=1.5)


@pytest.mark.parametrize("size", [(178, 218), (356, 436), (1000, 436), (356, 1000)])
def test_photo_is_placed_as_the_commands_place_it(framed, tmp_path, size):
    from PIL import Image

    from zpoints.interactive.placing import ORIGINALS, box_in

    page, _ = framed
    crop = (40, 60, 140, 160)
    page.evaluate(f"zpoints.run.placing.crop = {list(crop)}")
    Image.new("RGB", size).save(tmp_path / "other.png")
    page.evaluate("zpoints.setPhoto = async () => {}")
    page.page.set_input_files("input[type=file]", tmp_path / "other.png")
    page.page.wait_for_function(f"() => zpoints.panels.photo.frame()?.height === {size[1]}")
    frame = page.evaluate("zpoints.panels.photo.frame()")
    left, top, right, bottom = box_in(crop, size, ORIGINALS["toy"])
    np.testing.assert_allclose(
        (frame["x"], frame["y"], frame["edge"]), ((left + right) / 2, (top + bottom) / 2, right - left), atol=1
    )


def test_what_is_asked_while_a_model_opens_is_shown(small_run, open_page):
    page = open_page().ready()
    page.evaluate(
        """(() => {
            zpoints.set({ models: ["vae"] });
            zpoints.set({ color: "split", panel: "samplers" });
            zpoints.set({ models: ["ae", "vae"] });
            zpoints.hover(3);
            return zpoints.set({ map: "pca", color: "error", base: "row:5" });
        })()"""
    )
    assert page.evaluate("zpoints.panes.map((pane) => pane.info.name)") == ["ae", "vae"]
    page.evaluate("zpoints.hover(-1)")
    for pane, name in enumerate(("ae", "vae")):
        assert_same_picture(page.face(pane), small_run.trained(name).decode(small_run.mu(name)[5][None])[0])


def test_permalink_restores_the_state(open_page):
    first = open_page("#models=ae,vae&map=pca&axes=2,1&color=attr:Smiling&at=row:11&edit=1.5+axis%3A1").ready()
    first.evaluate("zpoints.set({panel: 'samplers', seed: 5, base: 'sample:3'})")
    second = open_page(first.evaluate("location.hash")).ready()
    assert second.evaluate("zpoints.state") == first.evaluate("zpoints.state")
    assert second.evaluate("zpoints.state.axes") == [2, 1]
    np.testing.assert_array_equal(first.face(), second.face())


def test_hostile_permalink_shows_the_beginning(open_page):
    plain = open_page().ready()
    hash_ = (
        "#models=__proto__,x&map=map_9&axes=99,-1&color=attr:none&at=row:999999&edit=1e9+axis:77&panel=x"
        "&edit=x+attr:constructor&sampler=toString,NaN,-3&path=9e9,a,b,7"
    )
    page = open_page(hash_).ready()
    assert page.evaluate("zpoints.state") == plain.evaluate(
        "({...zpoints.state, path: {...zpoints.state.path, share: 1}})"
    )
    assert page.faults == []


def test_names_are_text_and_never_markup(open_page):
    page = open_page(f"#panel=list&color=attr:{HOSTILE.replace('=', '%3D')}").ready()
    page.evaluate("zpoints.lasso([1, 2, 3])")
    assert page.page.locator("img").count() == 0
    assert page.page.get_by_text(HOSTILE).count() >= 2  # an attribute, and an image of the list
    assert page.faults == []
    assert page.page.title() == "zpoints explorer"


def test_map_of_some_images_shows_the_rest_at_neighbours(open_page):
    page = open_page("#map=map_1&at=row:1").ready()
    page.face()
    page.page.wait_for_function("() => zpoints.panes[0].nearestOnMap")
    assert page.evaluate("zpoints.panes[0].nearestOnMap.row") % 2 == 0


def test_missing_file_is_named(small_run, open_page, tmp_path):
    broken = tmp_path / "page"
    shutil.copytree(small_run.page, broken)
    (broken / "data" / "ae-decoder.js").unlink()
    page = open_page(folder=broken)
    page.page.wait_for_selector("html[data-failed]", state="attached")
    assert "ae-decoder.js" in page.page.locator("#message").inner_text()


@pytest.mark.parametrize("missing", ["WebAssembly", "DecompressionStream"])
def test_browser_without_what_is_needed_is_told(browser, small_run, missing):
    context = browser.new_context()
    context.add_init_script(f"delete globalThis.{missing}")
    page = context.new_page()
    page.goto((small_run.page / "index.html").as_uri())
    page.wait_for_selector("html[data-failed]", state="attached")
    assert missing in page.locator("#message").inner_text()
    context.close()


def test_keyboard_walks_and_resets(open_page):
    page = open_page("#at=row:5&edit=1+axis%3A0").ready()
    page.page.keyboard.press("r")
    page.page.locator(".overlay").focus()
    page.page.keyboard.press("ArrowRight")
    page.face()
    assert page.evaluate("zpoints.state.base") == "row:6" and page.evaluate("zpoints.state.edits") == {}


@pytest.mark.parametrize("panes", ["ae", "ae,vae"])
def test_narrow_page_does_not_scroll_sideways(open_page, panes):
    page = open_page(f"#models={panes}&map=pca", width=390).ready()
    for panel in ("sliders", "samplers", "path", "arithmetic", "list", "photo"):
        page.evaluate(f"zpoints.set({{panel: {panel!r}}})")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_originals_lie_beside_toy_faces_alone(small_run, open_page, tmp_path):
    assert list(Path(small_run.page).glob("data/originals_*"))
    page = open_page("#at=row:8").ready()
    page.face()
    assert page.evaluate("!zpoints.panes[0].originalBox.hidden")
    assert page.evaluate("zpoints.panes[0].original.width") == SIZE


@pytest.mark.parametrize(("kind", "channels"), [("first", 3), ("last", 1), ("keras", 3)])
def test_decoder_of_another_program_decodes_in_the_page(small_run, browser, tmp_path, kind, channels):
    import keras
    from PIL import Image

    from tests.latents.test_external_decoder import write_onnx
    from zpoints.config.explorer import Explorer
    from zpoints.config.models import ExternalEntry
    from zpoints.config.samplers import Samplers
    from zpoints.explorer.page import write_explorer
    from zpoints.latents.external import external_latents
    from zpoints.latents.external_decoder import open_decoding
    from zpoints.models.external import external_fingerprint, write_external
    from zpoints.shards.store import Shards

    rng = np.random.default_rng(0)
    mu, weights = rng.normal(size=(IMAGES, 3)), rng.normal(size=(3, SIZE * SIZE * channels)).astype(np.float32)
    np.save(tmp_path / "mu.npy", mu)
    file = tmp_path / ("d.keras" if kind == "keras" else "d.onnx")
    if kind == "keras":
        dense, shape = keras.layers.Dense(weights.shape[1], "sigmoid"), keras.layers.Reshape((SIZE, SIZE, channels))
        network = keras.Sequential([keras.Input((3,)), dense, shape])
        dense.set_weights([weights, np.zeros(weights.shape[1])])
        network.save(file)
    else:
        write_onnx(file, weights, (SIZE, SIZE, channels), first=kind == "first")
    entry = ExternalEntry(kind="external", latents=str(tmp_path / "mu.npy"), decoder=str(file), z_dim=3)
    shards = Shards.open(small_run.shards)
    folders = [tmp_path / name for name in ("latents", "models", "measurements")]
    for folder, with_ae in zip(folders, (small_run.latents, small_run.models, small_run.measurements), strict=True):
        (folder / "outside").mkdir(parents=True)
        (folder / "ae").symlink_to(with_ae / "ae")
    (tmp_path / "page").mkdir()
    write_external(entry, folders[1] / "outside")
    external_latents(entry, shards, external_fingerprint(entry, folders[1] / "outside")).write(folders[0] / "outside")
    entries = {"ae": AE, "outside": entry}
    write_explorer(tmp_path / "page", entries, shards, *folders, Explorer(bits=16), Samplers(mixture=None))
    page = Opened(browser, tmp_path / "page", "#models=outside&at=row:7&map=pca&panel=photo").ready()
    decoder = open_decoding("outside", entry, folders[1] / "outside", SIZE)
    assert_same_picture(page.face(), decoder.decode(mu[[7]])[0])
    assert "external, z_dim 3" in page.page.locator(".tag").inner_text()
    Image.fromarray(shards.read([8])[0]).save(tmp_path / "photo.png")
    page.page.set_input_files("input[type=file]", tmp_path / "photo.png")
    page.page.wait_for_selector("text=outside has no encoder. Choose another model.")
    assert "this model has no encoder" in page.evaluate("zpoints.panes[0].point.label")
    assert page.faults == []
    page.context.close()
