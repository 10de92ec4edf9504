"""A small run with two models, its page, and a browser; tests are skipped where the extra or a browser is missing."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.lab import AE, VAE, make_latents, make_shards
from zpoints.config.explorer import Explorer
from zpoints.config.samplers import Samplers
from zpoints.config.training import Training
from zpoints.latents.directions import Directions
from zpoints.measurement import Measurement

IMAGES, SIZE, Z_DIM, CLUSTERS = 60, 16, 6, 12
HOSTILE = '<img src=x onerror="document.title=1">'
NAMES = ("Smiling", HOSTILE)


@dataclass(frozen=True)
class SmallRun:
    """Folders of a run with the models `ae` and `vae`, and the page written from them."""

    shards: Path
    latents: Path
    models: Path
    measurements: Path
    page: Path

    def mu(self, name: str) -> np.ndarray:
        return np.load(self.latents / name / "mu.npy")

    def trained(self, name: str):
        from zpoints.latents.trained import Trained

        return Trained.open(name, self.models / name)


def make_run(folder: Path) -> SmallRun:
    from zpoints.models.autoencoder import build
    from zpoints.models.model_folder import fingerprint, save

    places = {name: folder / name for name in ("shards", "latents", "models", "measurements", "page")}
    for place in places.values():
        place.mkdir()
    shards = make_shards(places["shards"], IMAGES, SIZE)
    index = json.loads((shards / "index.json").read_text()) | {"attributes": list(NAMES), "factors": ["width"]}
    (shards / "index.json").write_text(json.dumps(index))
    ids = np.load(shards / "ids.npy").astype("U60")
    ids[2] = HOSTILE
    np.save(shards / "ids.npy", ids)
    rng = np.random.default_rng(0)
    attributes = (rng.random((IMAGES, 2)) < 0.4).astype(np.uint8)
    np.save(shards / "attributes.npy", attributes)
    np.save(shards / "factors.npy", rng.random((IMAGES, 1)).astype(np.float32))
    for seed, (name, entry) in enumerate((("ae", AE), ("vae", VAE))):
        model = build(entry.model_copy(update={"z_dim": Z_DIM}), SIZE, seed)
        for weight in model.decoder.trainable_variables:
            weight.assign(3 * weight)  # for images with contrast
        for group in ("models", "latents", "measurements"):
            (places[group] / name).mkdir()
        save(places["models"] / name, model, Training())
        mark = fingerprint(places["models"] / name)
        mu = 1 + rng.standard_normal((IMAGES, Z_DIM)) @ rng.standard_normal((Z_DIM, Z_DIM))
        latents = make_latents(places["latents"] / name, mu)
        np.save(latents / "split.npy", np.load(shards / "split.npy"))
        index = json.loads((latents / "index.json").read_text()) | {"model": mark}
        (latents / "index.json").write_text(json.dumps(index))
        vectors = [rng.standard_normal((2, Z_DIM)).astype(np.float32) for _ in range(2)]
        directions = Directions(mark, NAMES, *vectors)
        found = Measurement({"directions": directions.describe()}, arrays=directions.arrays())
        found.write(places["measurements"] / name / "attributes", "measure attributes")
    rows = np.arange(0, 40, 2)
    table = np.stack([rows, np.cos(rows), np.sin(rows)], axis=1).astype(np.float32)
    numbers = {"columns": ["row", "x", "y"], "maps": {"1": {"perplexity": 5.0}}}
    Measurement(numbers, arrays={"map_1": table}).write(places["measurements"] / "ae" / "tsne", "measure tsne")
    centers = rng.standard_normal((CLUSTERS, Z_DIM)).astype(np.float32)
    Measurement({}, arrays={"centers": centers}).write(places["measurements"] / "ae" / "clusters", "measure clusters")
    return SmallRun(**places)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> SmallRun:
    for name in ("onnx", "tf2onnx"):
        pytest.importorskip(name, reason=f"the extra `explorer` is not installed: no {name}")
    from zpoints.explorer.page import write_explorer
    from zpoints.shards.store import Shards

    run = make_run(tmp_path_factory.mktemp("run"))
    write_explorer(
        run.page,
        {"ae": AE, "vae": VAE},
        Shards.open(run.shards),
        run.latents,
        run.models,
        run.measurements,
        Explorer(bits=16),
        Samplers(mixture=2),
    )
    return run


class Opened:
    """A page that was opened from disk, with all that it logged and asked for."""

    def __init__(self, browser, folder: Path, hash: str = "", width: int = 1400) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.context.set_default_timeout(300_000)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{(folder / 'index.html').as_uri()}{hash}")

    def ready(self) -> "Opened":
        self.page.wait_for_selector("html[data-complete]", state="attached", timeout=300_000)
        return self

    def evaluate(self, code: str):
        return self.page.evaluate(code)

    def face(self, pane: int = 0) -> np.ndarray:
        """The decoded picture as it stands in the page, uint8 (size, size, 3)."""
        self.evaluate("Promise.all(zpoints.panes.map((pane) => pane.update()))")
        code = f"Array.from(zpoints.panes[{pane}].face.getContext('2d').getImageData(0, 0, {SIZE}, {SIZE}).data)"
        return np.array(self.evaluate(code), np.uint8).reshape(SIZE, SIZE, 4)[..., :3]

    def click(self, row: int, pane: int = 0) -> None:
        """Click the point of an image on the map, and take the pointer away."""
        x, y = self.evaluate(f"zpoints.panes[{pane}].map.project(...zpoints.panes[{pane}].map.place({row}))")
        box = self.page.locator(".overlay").nth(pane).bounding_box()
        self.page.mouse.click(box["x"] + x, box["y"] + y)
        self.page.mouse.move(2, 2)


@pytest.fixture
def open_page(browser, small_run):
    opened: list[Opened] = []

    def open_(hash: str = "", folder: Path = small_run.page, width: int = 1400) -> Opened:
        opened.append(Opened(browser, folder, hash, width))
        return opened[-1]

    yield open_
    for one in opened:
        one.context.close()
