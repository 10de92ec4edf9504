// The tools beside the map: sliders, samplers, paths, arithmetic, a list, your own photo.

import { GIFEncoder, applyPalette, quantize } from "gifenc";
import { clear, download, el, number, options, percent } from "./dom.js";
import { SAMPLERS, available } from "./samplers.js";

const AXES = 12;
const RANGE = 4; // standard deviations
const STEPS = 9;
const LISTED = 24;

const button = (text, onclick, properties = {}) => el("button", { type: "button", onclick, ...properties }, text);

function picture(image, label, onclick) {
  const canvas = el("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return el("button", { type: "button", class: "thumb", title: label, "aria-label": label, onclick }, canvas);
}

/** Each panel: {title, element, show()}; `show` brings it up to date with the state. */
export function panels(app) {
  return {
    sliders: sliders(app),
    samplers: samplers(app),
    path: path(app),
    arithmetic: arithmetic(app),
    list: list(app),
    photo: photo(app),
  };
}

function sliders(app) {
  const { run } = app;
  const rows = new Map();
  const row = (key, text, note) => {
    const value = el("output", {}, "0");
    const input = el("input", { type: "range", min: -RANGE, max: RANGE, step: 0.05, value: 0, "aria-label": text });
    input.addEventListener("input", () => app.set({ edits: { ...app.state.edits, [key]: Number(input.value) } }));
    const element = el("label", { class: "slider" }, el("span", { title: note ?? "" }, text), input, value);
    rows.set(key, { input, value, element, text });
    return element;
  };
  const first = run.models[0];
  const axes = Array.from({ length: Math.min(AXES, first.z_dim) }, (_, at) => row(`axis:${at}`, `axis ${at + 1}`));
  const known = [...new Set(run.models.flatMap((model) => model.directions))];
  const attributes = known.map((name) => row(`attr:${name}`, name.replaceAll("_", " ")));
  const filter = el("input", { type: "search", placeholder: "find an attribute", "aria-label": "find an attribute" });
  filter.addEventListener("input", () => {
    for (const [key, { element, text }] of rows) if (key.startsWith("attr:")) element.hidden = !text.toLowerCase().includes(filter.value.toLowerCase());
  });
  const direction = el("select", { "aria-label": "direction", onchange: (event) => app.set({ direction: event.target.value }) });
  const element = el(
    "div",
    {},
    el("p", { class: "note" }, "In standard deviations of the cloud along each direction."),
    el("div", { class: "row" }, button("Reset", () => app.set({ edits: {} }), { title: "key r" })),
    el("h3", {}, "Principal axes"),
    ...axes,
    known.length ? el("h3", {}, "Attributes") : el("p", { class: "note" }, "No directions of attributes were measured: add analyses.attributes to params.yaml."),
    known.length ? el("div", { class: "row" }, direction, filter) : null,
    ...attributes,
  );
  return {
    title: "Sliders",
    element,
    show() {
      const { edits, models } = app.state;
      const info = run.models.find((model) => model.name === models[0]);
      for (const [key, { input, value, element: label }] of rows) {
        const amount = edits[key] ?? 0;
        if (Number(input.value) !== amount) input.value = amount;
        value.textContent = amount ? `${amount > 0 ? "+" : ""}${amount.toFixed(1)}` : "0";
        if (key.startsWith("axis:")) {
          const at = Number(key.slice(5));
          label.hidden = at >= info.z_dim;
          clear(label.firstChild, `axis ${at + 1} `, el("small", { title: "share of the variance" }, percent(info.share[at] ?? 0)));
        }
      }
      clear(direction, ...options(Object.keys(run.units).map((kind) => [kind, kind.replace("_", " ")]), app.state.direction));
    },
  };
}

function samplers(app) {
  const { run } = app;
  const choice = el("select", { "aria-label": "sampler", onchange: (event) => app.set({ sampler: event.target.value, base: "sample:0", edits: {} }) });
  const bound = el("input", { type: "range", min: 0.5, max: 16, step: 0.5, "aria-label": "b" });
  const shown = el("output");
  bound.addEventListener("input", () => app.set({ bound: Number(bound.value) }));
  const boundRow = el("label", { class: "slider" }, el("span", {}, "b"), bound, shown);
  const results = el("div");
  let latest = 0;
  return {
    title: "Samplers",
    element: el(
      "div",
      {},
      el("div", { class: "row" }, choice, button("Draw", () => app.set({ seed: app.state.seed + 1, base: app.state.base.startsWith("sample") ? app.state.base : "sample:0", edits: {} }), { title: "key d" })),
      boundRow,
      results,
      el("p", { class: "note" }, "Numbers on the map show where they fall; on a t-SNE map that is the nearest z-point's place."),
    ),
    async show() {
      const mine = ++latest;
      const { sampler, bound: value } = app.state;
      clear(choice, ...options(available(app.panes[0].space).map((name) => [name, SAMPLERS[name]]), sampler));
      boundRow.hidden = sampler !== "uniform";
      bound.value = value;
      shown.textContent = number(value, 1);
      const parts = [];
      for (const pane of app.panes) {
        const points = await app.samples(pane.space);
        const grid = el("div", { class: "nine" });
        for (const [at, z] of points.entries()) {
          const image = await app.runtime.decode(pane.info.name, z, run.size);
          if (mine !== latest) return;
          const face = picture(image, `point ${at + 1}`, () => app.set({ base: `sample:${at}`, edits: {} }));
          face.setAttribute("aria-pressed", app.state.base === `sample:${at}`);
          grid.append(face);
        }
        const shares = points.map((z) => pane.space.gauge(z));
        const off = shares.filter(({ distance }) => distance > pane.info.distance.at(-1)).length;
        const radius = shares.reduce((sum, { radius: length }) => sum + length, 0) / shares.length;
        parts.push(el("h3", {}, pane.info.name), grid, el("p", { class: "note" }, `Mean radius ${number(radius)}, the z-points' median ${number(pane.info.radius[100])}; ${off} of 9 off the cloud.`));
      }
      clear(results, ...parts);
      for (const pane of app.panes) pane.showMarks();
    },
  };
}

function path(app) {
  const { run } = app;
  const ends = { a: el("b"), b: el("b") };
  const kind = el("select", { "aria-label": "kind of path", onchange: (event) => app.set({ path: { ...app.state.path, kind: event.target.value } }) });
  const slider = el("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "place on the path" });
  slider.addEventListener("input", () => app.set({ base: "path", edits: {}, path: { ...app.state.path, share: Number(slider.value) } }));
  const strips = el("div");
  let latest = 0;
  let playing = 0;
  const stop = () => {
    cancelAnimationFrame(playing);
    playing = 0;
    play.textContent = "Play";
  };
  const play = button("Play", () => toggle(), { title: "key p" });
  const toggle = () => {
    if (playing) return stop();
    play.textContent = "Stop";
    const start = performance.now();
    const frame = async (now) => {
      const cycle = ((now - start) / 3000) % 2;
      await app.set({ base: "path", edits: {}, path: { ...app.state.path, share: Math.round(100 * (cycle > 1 ? 2 - cycle : cycle)) / 100 } });
      if (playing) playing = requestAnimationFrame(frame);
    };
    playing = requestAnimationFrame(frame);
  };
  const set = (end) => () => {
    if (app.lastRow !== undefined) app.set({ base: "path", edits: {}, path: { ...app.state.path, [end]: app.lastRow } });
  };
  const frames = async (pane, count) => {
    const pictures = [];
    for (let at = 0; at < count; at++) pictures.push(await app.runtime.decode(pane.info.name, await app.onPath(pane.space, at / (count - 1)), run.size));
    return pictures;
  };
  const png = async () => {
    const all = [];
    for (const pane of app.panes) all.push(await frames(pane, 12));
    const canvas = el("canvas", { width: 12 * run.size, height: all.length * run.size });
    all.forEach((pictures, line) => pictures.forEach((image, at) => canvas.getContext("2d").putImageData(image, at * run.size, line * run.size)));
    canvas.toBlob((blob) => download(blob, "path.png"), "image/png");
  };
  const gif = async () => {
    const forward = await frames(app.panes[0], 24);
    const encoder = GIFEncoder();
    for (const image of [...forward, ...forward.slice(1, -1).reverse()]) {
      const palette = quantize(image.data, 256);
      encoder.writeFrame(applyPalette(image.data, palette), run.size, run.size, { palette, delay: 70 });
    }
    encoder.finish();
    download(new Blob([encoder.bytes()], { type: "image/gif" }), "path.gif");
  };
  let drawn = "";
  return {
    title: "Path",
    toggle,
    stop,
    element: el(
      "div",
      {},
      el("p", { class: "note" }, "Pick a point on the map and make it an end."),
      el("div", { class: "row" }, button("Start here", set("a")), ends.a),
      el("div", { class: "row" }, button("End here", set("b")), ends.b),
      el("div", { class: "row" }, kind, play),
      el("label", { class: "slider wide" }, slider),
      strips,
      el("div", { class: "row" }, button("PNG strip", png), button("GIF", gif)),
    ),
    async show() {
      const { path: chosen } = app.state;
      for (const end of ["a", "b"]) ends[end].textContent = app.ids[chosen[end]];
      clear(kind, ...options([["linear", "straight line"], ["spherical", "arc about the cloud's mean"]], chosen.kind));
      slider.value = chosen.share;
      const key = JSON.stringify([chosen.a, chosen.b, chosen.kind, app.state.models]);
      if (key === drawn) return;
      drawn = key;
      const mine = ++latest;
      const parts = [];
      for (const pane of app.panes) {
        const strip = el("div", { class: "strip" });
        const pictures = await frames(pane, STEPS);
        if (mine !== latest) return;
        pictures.forEach((image, at) => strip.append(picture(image, `step ${at + 1}`, () => app.set({ base: "path", edits: {}, path: { ...app.state.path, share: at / (STEPS - 1) } }))));
        parts.push(el("h3", {}, pane.info.name), strip);
      }
      clear(strips, ...parts);
      for (const pane of app.panes) pane.showMarks();
    },
  };
}

function arithmetic(app) {
  const names = [0, 1, 2].map(() => el("b"));
  const take = (at) => () => {
    if (app.lastRow !== undefined) app.set({ base: "sum", edits: {}, sum: app.state.sum.map((row, place) => (place === at ? app.lastRow : row)) });
  };
  return {
    title: "a \u2212 b + c",
    element: el(
      "div",
      {},
      el("p", { class: "note" }, "Pick a point on the map, then say which it is. The sum is decoded at once."),
      ...["a", "\u2212 b", "+ c"].map((text, at) => el("div", { class: "row" }, button(`${text} = this point`, take(at)), names[at])),
      el("div", { class: "row" }, button("Show the sum", () => app.set({ base: "sum", edits: {} }))),
    ),
    show() {
      app.state.sum.forEach((row, at) => (names[at].textContent = app.ids[row]));
    },
  };
}

function list(app) {
  const summary = el("p", { class: "note" });
  const shares = el("ol", { class: "shares" });
  const faces = el("div", { class: "nine" });
  const toggle = button("Draw a lasso", () => {
    const on = !app.panes[0].map.lassoMode;
    for (const pane of app.panes) pane.map.lassoMode = on;
    toggle.setAttribute("aria-pressed", on);
  });
  let latest = 0;
  return {
    title: "List",
    element: el("div", {}, el("div", { class: "row" }, toggle), summary, shares, faces),
    async show() {
      const rows = app.listed;
      const mine = ++latest;
      if (!rows.length) {
        summary.textContent = "Draw around points: with this button, or with shift and the mouse.";
        clear(shares);
        clear(faces);
        return;
      }
      summary.textContent = `${rows.length.toLocaleString("en")} images. What they have more often than all, and less often:`;
      clear(shares, ...(await app.contrasts(rows)).map(({ name, inside, all }) => el("li", {}, `${name.replaceAll("_", " ")}: ${percent(inside)}, of all ${percent(all)}`)));
      const pane = app.panes[0];
      const parts = [];
      for (const row of rows.slice(0, LISTED)) {
        const image = await app.runtime.decode(pane.info.name, await pane.space.point(row), app.run.size);
        if (mine !== latest) return;
        parts.push(picture(image, app.ids[row], () => app.pick(row)));
      }
      clear(faces, ...parts);
    },
  };
}

function photo(app) {
  const { size } = app.run;
  const view = el("canvas", { width: 256, height: 256, class: "crop", tabindex: "0", "aria-label": "your photo: drag to move it, wheel or slider to zoom" });
  const zoom = el("input", { type: "range", min: 0, max: 3, step: 0.01, value: 0, "aria-label": "zoom" });
  const input = el("input", { type: "file", accept: "image/*", "aria-label": "a photo" });
  const note = el("p", { class: "note" }, "Choose a photo or drop it anywhere. It is encoded in this page; nothing leaves this machine.");
  let bitmap = null;
  let [x, y] = [0, 0];
  const scale = () => (256 / Math.min(bitmap.width, bitmap.height)) * Math.exp(Number(zoom.value));
  const paint = (canvas, edge) => {
    const context = canvas.getContext("2d");
    const k = (scale() * edge) / 256;
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#808080";
    context.fillRect(0, 0, edge, edge);
    context.drawImage(bitmap, edge / 2 + (x * edge) / 256 - (bitmap.width * k) / 2, edge / 2 + (y * edge) / 256 - (bitmap.height * k) / 2, bitmap.width * k, bitmap.height * k);
  };
  const encode = async () => {
    if (!bitmap) return;
    paint(view, 256);
    const canvas = el("canvas", { width: size, height: size });
    paint(canvas, size);
    await app.setPhoto(canvas.getContext("2d").getImageData(0, 0, size, size));
  };
  const open = async (file) => {
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      note.textContent = "This is no picture that the browser can read.";
      return;
    }
    [x, y] = [0, 0];
    zoom.value = 0;
    note.textContent = "Drag and zoom until the face is where faces of the training images are.";
    await encode();
  };
  input.addEventListener("change", () => input.files[0] && open(input.files[0]));
  zoom.addEventListener("input", encode);
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom.value = Number(zoom.value) - event.deltaY * 0.001;
    encode();
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => view.setPointerCapture(event.pointerId));
  view.addEventListener("pointermove", (event) => {
    if (!view.hasPointerCapture(event.pointerId)) return;
    const ratio = 256 / view.clientWidth;
    x += event.movementX * ratio;
    y += event.movementY * ratio;
    encode();
  });
  view.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    x += step[0];
    y += step[1];
    encode();
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) {
      app.set({ panel: "photo" });
      open(file);
    }
  });
  const possible = app.run.models.some((model) => model.encoder);
  return {
    title: "Your photo",
    open,
    element: possible
      ? el("div", {}, note, el("div", { class: "row" }, input), view, el("label", { class: "slider" }, el("span", {}, "zoom"), zoom, el("output")))
      : el("p", { class: "note" }, "This page was written without encoders: set explorer.encoder to true."),
    show() {
      view.hidden = !bitmap;
      zoom.parentElement.hidden = !bitmap;
    },
  };
}

