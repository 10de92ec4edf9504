"""What the explorer weighs, and how fast its page is in a real browser.

    python benchmarks/explorer.py [--images 200000] [--z-dim 256] [--size 96] [--bits 8] [--folder DIR]
                                  [--page data/explorer] [--browser PATH] [--json FILE]

Without --page, the page of one model with random weights and random z-points is written into a temporary folder in
--folder and removed at the end. Then Chromium opens it from disk, without a graphics card, and tells
first_map       seconds from opening to the first map drawn, and first_face to the first decoded face
all_points      seconds until all z-points are loaded
..._cpu         of these, what the page's own thread computed: comparable where others use the machine
decodings       faces decoded a second: while a slider moves, the whole page kept up to date
pan             frames a second while the map is moved, each with all points drawn
nearest_ms      to find the nearest of all z-points
memory_mb       of the page's JavaScript, all points loaded
The second line of the report is the peak of resident memory with which the folder was written.
"""

import argparse
import json
import resource
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

FRAMES, DECODINGS = 90, 100

PAN = f"""async () => {{
  const map = zpoints.panes[0].map;
  const before = map.frames;
  const start = performance.now();
  for (let frame = 0; frame < {FRAMES}; frame++) {{
    map.pan(frame % 2 ? 3 : -3, 1);
    await new Promise(requestAnimationFrame);
  }}
  return (map.frames - before) / (performance.now() - start) * 1000;
}}"""
SLIDE = f"""async () => {{
  const before = zpoints.runtime.decodings;
  const start = performance.now();
  for (let step = 0; step < {DECODINGS}; step++) await zpoints.set({{edits: {{"axis:0": 3 * Math.sin(step / 9)}}}});
  return (zpoints.runtime.decodings - before) / (performance.now() - start) * 1000;
}}"""
NEAREST = """async () => {
  const {space, point} = zpoints.panes[0];
  const start = performance.now();
  for (let at = 0; at < 5; at++) await space.nearest(point.z, {exclude: point.row});
  return (performance.now() - start) / 5;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--z-dim", type=int, default=256)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--browser", default=shutil.which("chromium"))
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        results: dict[str, Any] = {}
        page = chosen.page
        if page is None:
            page = Path(folder) / "page"
            results["bytes"] = write(Path(folder), page, chosen)
            results["write_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        results |= browse(page, chosen.browser)
    for name, value in results.items():
        print(f"{name:15}", value if isinstance(value, dict) else f"{value:.3g}")
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n")


def write(folder: Path, page: Path, chosen: argparse.Namespace) -> dict[str, int]:
    """A page of z-points alone: no images are needed, since none is shown."""
    from zpoints.config.models import AutoencoderEntry
    from zpoints.explorer.chunks import Chunks
    from zpoints.explorer.export import to_onnx
    from zpoints.explorer.page import RUNTIME, STATIC, WEB, sizes
    from zpoints.explorer.space import Rounding, write_space
    from zpoints.latents.store import Latents
    from zpoints.models.autoencoder import build

    rng = np.random.default_rng(0)
    mu = np.lib.format.open_memmap(folder / "mu.npy", "w+", np.float32, (chosen.images, chosen.z_dim))
    mixing = rng.standard_normal((chosen.z_dim, chosen.z_dim)).astype(np.float32) / np.sqrt(chosen.z_dim)
    for start in range(0, chosen.images, 8192):
        part = mu[start : start + 8192]
        part[:] = rng.standard_normal(part.shape, np.float32) @ mixing
    split = (np.arange(chosen.images) % 10 == 0).astype(np.uint8)
    latents = Latents("ae", "none", mu, None, mu, split)
    (page / "data").mkdir(parents=True)
    for file in STATIC:
        shutil.copy(WEB / "bundle" / file, page / file)
    out = Chunks(page / "data")
    for name, file in RUNTIME.items():
        out.add_compressed(name, (WEB / "bundle" / file).read_bytes())
    out.add_bytes("ae/decoder", to_onnx(build(AutoencoderEntry(kind="ae", z_dim=chosen.z_dim), chosen.size).decoder))
    out.add_json("ids", [f"{row:06d}" for row in range(chosen.images)])
    out.add_array("split", split)
    out.add_rounded("ae/error", rng.random(chosen.images, np.float32))
    model = {"name": "ae", "encoder": False, "directions": [], "maps": [], "clusters": 0, "mixture": 0, "rounding": 0.0}
    model |= write_space(latents, Rounding.of(latents, chosen.bits), out, "ae")
    run = {
        "images": chosen.images,
        "size": chosen.size,
        "samplers": {},
        "placing": {},
        "units": {"mean_difference": ""},
    }
    run |= {"attributes": [], "factors": [], "originals": None, "models": [model]}
    out.add_json("run", run | {"chunks": out.index})
    return sizes(page, ("ae",))


def browse(page: Path, path: str) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.goto((page / "index.html").resolve().as_uri() + "#map=pca")
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        results: dict[str, Any] = {}
        for name, condition in (
            ("first_map", "window.zpoints?.panes[0]?.map.frames > 0"),
            ("first_face", "window.zpoints?.runtime.decodings > 0"),
            ("all_points", "document.documentElement.dataset.complete"),
        ):
            tab.wait_for_function(f"() => {condition}", timeout=90_000, polling=20)
            results[name] = tab.evaluate("performance.now() / 1000")
            metrics = session.send("Performance.getMetrics")["metrics"]
            results[f"{name}_cpu"] = next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration")
        results["decodings"] = tab.evaluate(SLIDE)
        results["pan"] = tab.evaluate(PAN)
        results["nearest_ms"] = tab.evaluate(NEAREST)
        results["memory_mb"] = tab.evaluate("performance.memory.usedJSHeapSize / 1e6")
        browser.close()
    return results


if __name__ == "__main__":
    main()
