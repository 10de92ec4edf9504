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

const VIEW = 512; // pixels of the canvas in which a photo is placed
const MARGIN = 80; // of it, around the frame
const ZOOM = [-1, 3]; // natural logarithms, about the size of frame that a photo begins with

/** The frame that a photo begins with, as zpoints.interactive.placing: {x, y} its middle, edge, in pixels of the photo. */
function placed({ width, height }, { crop, original }) {
  const scale = crop && original ? Math.min(width / original[0], height / original[1]) : 1;
  const [wide, high] = original ?? [width, height];
  if (!crop || crop[2] > wide || crop[3] > high) return { x: width / 2, y: height / 2, edge: Math.min(width, height) };
  const [left, top, right, bottom] = crop;
  return { x: width / 2 + scale * ((left + right - wide) / 2), y: height / 2 + scale * ((top + bottom - high) / 2), edge: scale * (right - left) };
}

function photo(app) {
  const { size } = app.run;
  const view = el("canvas", { width: VIEW, height: VIEW, class: "crop", tabindex: "0", role: "application", "aria-label": "your photo: drag or arrow keys move it, wheel, two fingers, + and \u2212 zoom, 0 begins again" });
  const zoom = el("input", { type: "range", min: ZOOM[0], max: ZOOM[1], step: 0.01, value: 0, "aria-label": "zoom" });
  const ghost = el("input", { type: "checkbox", checked: true });
  const input = el("input", { type: "file", accept: "image/*", "aria-label": "a photo" });
  const note = el("p", { class: "note" }, "Choose a photo or drop it anywhere. It is encoded in this page; nothing leaves this machine.");
  const pointers = new Map();
  let [bitmap, mean, first, frame] = [null, null, null, null];
  /** Draw the photo so that the frame takes all of a canvas but its margin. */
  const draw = (context, edge, margin) => {
    const k = (edge - 2 * margin) / frame.edge;
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#808080";
    context.fillRect(0, 0, edge, edge);
    context.drawImage(bitmap, edge / 2 - frame.x * k, edge / 2 - frame.y * k, bitmap.width * k, bitmap.height * k);
  };
  const paint = () => {
    const context = view.getContext("2d");
    const inner = VIEW - 2 * MARGIN;
    draw(context, VIEW, MARGIN);
    if (ghost.checked && mean) {
      context.globalAlpha = 0.4;
      context.drawImage(mean, MARGIN, MARGIN, inner, inner);
      context.globalAlpha = 1;
    }
    context.fillStyle = "rgb(255 255 255 / 55%)";
    context.beginPath();
    context.rect(0, 0, VIEW, VIEW);
    context.rect(MARGIN, MARGIN, inner, inner);
    context.fill("evenodd");
    for (const [color, width] of [["#fff", 6], ["#d55e00", 3]]) Object.assign(context, { strokeStyle: color, lineWidth: width }).strokeRect(MARGIN, MARGIN, inner, inner);
  };
  const encode = async () => {
    if (!bitmap) return;
    paint();
    const context = el("canvas", { width: size, height: size }).getContext("2d");
    draw(context, size, 0);
    await app.setPhoto(context.getImageData(0, 0, size, size));
  };
  /** Move the photo by so many pixels of the canvas, and enlarge it about one of them. */
  const move = (dx, dy, factor = 1, [px, py] = [VIEW / 2, VIEW / 2]) => {
    const before = frame.edge / (VIEW - 2 * MARGIN);
    const edge = first.edge * Math.exp(-Math.min(ZOOM[1], Math.max(ZOOM[0], Math.log((first.edge / frame.edge) * factor))));
    const after = edge / (VIEW - 2 * MARGIN);
    const along = (middle, at, by, end) => Math.min(end, Math.max(0, middle + (at - VIEW / 2) * (before - after) - by * after));
    frame = { x: along(frame.x, px, dx, bitmap.width), y: along(frame.y, py, dy, bitmap.height), edge };
    zoom.value = Math.log(first.edge / edge);
    return encode();
  };
  const reset = () => {
    frame = first;
    zoom.value = 0;
    return encode();
  };
  const open = async (file) => {
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      note.textContent = "This is no picture that the browser can read.";
      return;
    }
    first = placed(bitmap, app.run.placing);
    await Promise.all([reset(), show()]);
  };
  const show = async () => {
    const { info, space } = app.panes[0];
    placing.hidden = !bitmap || !info.encoder;
    if (!bitmap) return;
    note.textContent = info.encoder
      ? "What is inside the frame is encoded. Drag and zoom until the face lies over the model\u2019s mean image."
      : `${info.name} has no encoder. Choose another model.`;
    if (mean?.model === info.name) return;
    const image = await app.runtime.decode(info.name, space.mean, size);
    mean = Object.assign(el("canvas", { width: size, height: size }), { model: info.name });
    mean.getContext("2d").putImageData(image, 0, 0);
    paint();
  };
  const at = (event) => {
    const box = view.getBoundingClientRect();
    return [((event.clientX - box.left) * VIEW) / box.width, ((event.clientY - box.top) * VIEW) / box.height];
  };
  input.addEventListener("change", () => input.files[0] && open(input.files[0]));
  zoom.addEventListener("input", () => move(0, 0, Math.exp(Number(zoom.value)) * (frame.edge / first.edge)));
  ghost.addEventListener("change", paint);
  view.addEventListener("dblclick", reset);
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    move(0, 0, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), at(event));
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => {
    view.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
  });
  view.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    pointers.set(event.pointerId, now);
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (!other) return move(now[0] - before[0], now[1] - before[1]);
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2, distance(now) / distance(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  });
  for (const kind of ["pointerup", "pointercancel"]) view.addEventListener(kind, (event) => pointers.delete(event.pointerId));
  view.addEventListener("keydown", (event) => {
    const action = {
      ...{ ArrowLeft: () => move(-8, 0), ArrowRight: () => move(8, 0), ArrowUp: () => move(0, -8), ArrowDown: () => move(0, 8) },
      ...{ "+": () => move(0, 0, 1.1), "-": () => move(0, 0, 1 / 1.1), 0: reset },
    }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
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
  const placing = el(
    "div",
    {},
    view,
    el("label", { class: "slider zoom" }, el("span", {}, "zoom"), zoom),
    el("div", { class: "row" }, el("label", {}, ghost, " mean image"), button("Begin again", reset, { title: "key 0, or a double click" })),
  );
  const possible = app.run.models.some((model) => model.encoder);
  return {
    title: "Your photo",
    show,
    frame: () => bitmap && { ...frame, height: bitmap.height },
    element: possible
      ? el("div", {}, note, el("div", { class: "row" }, input), placing)
      : el("p", { class: "note" }, "No model of this page has an encoder: explorer.encoder writes those of models that were trained here."),
  };
}
