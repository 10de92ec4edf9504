// The page: loads the data, holds the state, and tells maps and panels what changed.

import { Chunks } from "./chunks.js";
import { byKind, byNumber } from "./colors.js";
import { clear, el, number, options } from "./dom.js";
import { between } from "./numeric.js";
import { Pane } from "./pane.js";
import { panels } from "./panels.js";
import { Runtime } from "./runtime.js";
import { draw } from "./samplers.js";
import { PANELS, fromHash, toHash } from "./state.js";

const NINE = 9;
const ORIGINALS_KEPT = 24; // sheets

class App {
  draw = draw;
  hovered = -1;
  listed = [];
  lastRow = 0; // the last image that was picked
  panes = [];
  #opened;
  #photo = null;
  #samples = new Map();
  #sheets = new Map();

  constructor(chunks, run) {
    Object.assign(this, { chunks, run });
    this.runtime = new Runtime(chunks);
    this.state = fromHash(location.hash, run);
  }

  async start() {
    [this.ids, this.split] = await Promise.all([this.chunks.load("ids"), this.chunks.load("split")]);
    this.panels = panels(this);
    if (this.state.base.startsWith("row:")) this.lastRow = Number(this.state.base.slice(4));
    this.#build();
    await this.#openPanes();
    addEventListener("hashchange", () => this.#restore());
    addEventListener("keydown", (event) => this.#key(event));
    for (const pane of this.panes) await pane.update();
    await this.showPanel();
    this.#loadPoints();
  }

  /** Change the state and show what that changes. */
  async set(changes) {
    const before = this.state;
    this.state = { ...before, ...changes };
    if (changes.panel && changes.panel !== before.panel) this.panels.path.stop();
    this.#writeHash();
    const changed = (key) => key in changes && JSON.stringify(changes[key]) !== JSON.stringify(before[key]);
    if (changed("models")) {
      const { maps } = this.#info(this.state.models[0]);
      if (!maps.some((map) => `map_${map.number}` === this.state.map)) this.state.map = "pca";
      await this.#openPanes();
    } else {
      await this.#allOpen();
      if (changed("map") || changed("axes")) await Promise.all(this.panes.map((pane) => pane.showMap()));
      if (changed("color")) await Promise.all(this.panes.map((pane) => pane.showColors()));
    }
    await this.#allOpen();
    this.#showControls();
    const panelShown = this.showPanel();
    await Promise.all(this.panes.map((pane) => pane.update()));
    await panelShown;
  }

  pick(row) {
    this.lastRow = row;
    this.hovered = -1;
    return this.set({ base: `row:${row}`, edits: {} });
  }

  hover(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    for (const pane of this.panes) pane.update();
  }

  lasso(rows) {
    this.listed = rows;
    return this.set({ panel: "list" });
  }

  /** The point that a model's face shows: {z, label, row?, edited, hovered}. */
  async point(space) {
    const { base, edits, direction, path } = this.state;
    if (this.hovered >= 0) return { z: await space.point(this.hovered), row: this.hovered, hovered: true, edited: false };
    const [kind, place] = base.split(":");
    let [z, label, row] = [null, "", undefined];
    if (kind === "row") [z, row] = [await space.point(Number(place)), Number(place)];
    else if (kind === "sample") [z, label] = [(await this.samples(space))[Number(place)], `point ${Number(place) + 1} of the sampler`];
    else if (kind === "path") [z, label] = [await this.onPath(space, path.share), `${Math.round(100 * path.share)} % of the way from ${this.ids[path.a]} to ${this.ids[path.b]}`];
    else if (kind === "sum") {
      const [a, b, c] = await Promise.all(this.state.sum.map((at) => space.point(at)));
      [z, label] = [a.map((value, at) => value - b[at] + c[at]), this.state.sum.map((at, index) => `${["", " \u2212 ", " + "][index]}${this.ids[at]}`).join("")];
    } else if (this.#photo && !space.info.encoder) [z, label] = [space.mean, "the mean of the z-points: this model has no encoder"];
    else if (this.#photo) [z, label] = [await this.runtime.encode(space.name, this.#photo), "your photo"];
    else [z, row] = [await space.point(0), 0];
    const edited = Object.values(edits).some((amount) => amount);
    const photo = label === "your photo" ? this.#photo : null;
    return { z: edited ? await space.edited(z, edits, direction) : z, label, row, edited, photo };
  }

  samples(space) {
    const { sampler, bound, seed } = this.state;
    const key = [space.name, sampler, bound, seed].join();
    if (!this.#samples.has(key)) {
      if (this.#samples.size > 8) this.#samples.clear();
      const { core, jitter } = this.run.samplers;
      this.#samples.set(key, draw(space, sampler, NINE, seed, { bound, sigmas: core ?? 2, jitter: jitter ?? 0.2 }));
    }
    return this.#samples.get(key);
  }

  async onPath(space, share) {
    const { a, b, kind } = this.state.path;
    return between(...(await Promise.all([space.point(a), space.point(b)])), share, kind, space.mean);
  }

  /** Marks beside the chosen point: the nine of the sampler, or the ends of the path. */
  extraMarks(pane) {
    const { panel, path, kind } = this.state;
    const key = [panel, pane.info.name, this.state.map, this.state.axes, panel === "path" ? [path.a, path.b, path.kind, kind] : [this.state.sampler, this.state.bound, this.state.seed], pane.space.loaded].join();
    if (pane.markKey !== key) {
      pane.markKey = key;
      pane.extra = [];
      this.#makeMarks(pane).then((marks) => {
        if (pane.markKey !== key) return;
        pane.extra = marks;
        pane.showMarks();
      });
    }
    return pane.extra;
  }

  async #makeMarks(pane) {
    const { panel, path } = this.state;
    if (panel === "samplers") {
      const points = await this.samples(pane.space);
      const places = await Promise.all(points.map((z) => pane.placeOf(z)));
      return places.map((at, number) => ({ at, size: 5, fill: "#0072b2", text: String(number + 1) }));
    }
    if (panel === "path" && path.a !== path.b) {
      const points = await Promise.all(Array.from({ length: 25 }, (_, at) => this.onPath(pane.space, at / 24)));
      const places = (await Promise.all(points.map((z) => pane.placeOf(z)))).filter(Boolean);
      if (!places.length) return [];
      return [{ line: places }, { at: places[0], size: 5, fill: "#0072b2", text: "start" }, { at: places.at(-1), size: 5, fill: "#0072b2", text: "end" }];
    }
    return [];
  }

  /** An attribute of every image: 0 or 1. */
  async attribute(at) {
    return (await this.chunks.load("attributes")).subarray(at * this.run.images, (at + 1) * this.run.images);
  }

  async attributesOf(row) {
    const values = await Promise.all(this.run.attributes.map((_, at) => this.attribute(at)));
    return this.run.attributes.filter((_, at) => values[at][row]);
  }

  /** The attributes in which some images differ most from all: {name, inside, all}. */
  async contrasts(rows) {
    const { images, attributes } = this.run;
    const shares = await Promise.all(
      attributes.map(async (name, at) => {
        const values = await this.attribute(at);
        return { name, inside: rows.reduce((sum, row) => sum + values[row], 0) / rows.length, all: values.reduce((sum, value) => sum + value, 0) / images };
      }),
    );
    return shares.sort((a, b) => Math.abs(b.inside - b.all) - Math.abs(a.inside - a.all)).slice(0, 6);
  }

  /** Where the original of an image lies: {sheet, x, y}; null where the page holds none. */
  async original(row) {
    const { originals, size } = this.run;
    if (!originals) return null;
    const at = Math.floor(row / originals.count);
    if (!this.#sheets.has(at)) {
      if (this.#sheets.size >= ORIGINALS_KEPT) this.#sheets.delete(this.#sheets.keys().next().value);
      this.#sheets.set(at, this.chunks.load(`originals_${at}`, false).then((bytes) => createImageBitmap(new Blob([bytes], { type: "image/webp" }))));
    }
    const sheet = await this.#sheets.get(at);
    const place = row % originals.count;
    return { sheet, x: (place % originals.columns) * size, y: Math.floor(place / originals.columns) * size };
  }

  /** What colours the points. */
  async colors(space) {
    const { color } = this.state;
    const { images, attributes, factors } = this.run;
    if (color === "split") return byKind(this.split, ["training", "held out"]);
    if (color.startsWith("attr:")) {
      const name = color.slice(5);
      const at = attributes.indexOf(name);
      const text = name.replaceAll("_", " ");
      return byKind(await this.attribute(at), [`without ${text}`, `with ${text}`]);
    }
    if (color.startsWith("factor:")) {
      const at = factors.findIndex(({ name }) => `factor:${name}` === color);
      const { name, low, high } = factors[at];
      const values = (await this.chunks.load("factors")).subarray(at * images, (at + 1) * images);
      return byNumber(values, name.replaceAll("_", " "), (value) => number(low + (value / 255) * (high - low)));
    }
    if (color === "error") return byNumber(await space.ofImages("error"), "reconstruction error in grey levels", number);
    if (color === "cluster" && space.info.clusters) {
      const names = Array.from({ length: space.info.clusters }, (_, at) => `cluster ${at + 1}`);
      return byKind(await space.ofImages("cluster"), names);
    }
    return byNumber(await space.ofImages(color), color === "distance" ? "Mahalanobis distance" : "radius", number);
  }

  async setPhoto(image) {
    this.#photo = image;
    this.hovered = -1;
    await this.set({ base: "photo" });
  }

  async showPanel() {
    for (const name of PANELS) {
      this.tabs[name].setAttribute("aria-selected", name === this.state.panel);
      this.tabs[name].tabIndex = name === this.state.panel ? 0 : -1;
      this.panels[name].element.hidden = name !== this.state.panel;
    }
    for (const pane of this.panes) pane.showMarks();
    await this.panels[this.state.panel].show();
  }

  #info(name) {
    return this.run.models.find((model) => model.name === name);
  }

  #build() {
    const { run } = this;
    const select = (label, onchange) => el("select", { "aria-label": label, onchange });
    this.controls = {
      model: select("model", (event) => this.set({ models: [event.target.value, ...this.state.models.slice(1).filter((name) => name !== event.target.value)] })),
      other: select("beside it", (event) => this.set({ models: [this.state.models[0], event.target.value].filter(Boolean) })),
      map: select("map", (event) => this.set({ map: event.target.value })),
      x: select("horizontal axis", (event) => this.set({ axes: [Number(event.target.value), this.state.axes[1]] })),
      y: select("vertical axis", (event) => this.set({ axes: [this.state.axes[0], Number(event.target.value)] })),
      color: select("colour", (event) => this.set({ color: event.target.value })),
    };
    const ids = new Map(this.ids.map((id, row) => [id, row]));
    this.search = el("input", { type: "search", placeholder: "image id", "aria-label": "image id, key /" });
    this.search.addEventListener("change", () => {
      const row = ids.get(this.search.value.trim());
      this.search.setCustomValidity(row === undefined && this.search.value ? "no image has this id" : "");
      if (row === undefined) this.search.reportValidity();
      else this.pick(row);
    });
    const labelled = (text, ...controls) => el("label", {}, el("span", {}, text), ...controls);
    this.tabs = {};
    for (const name of PANELS) {
      this.tabs[name] = el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => this.set({ panel: name }) }, this.panels[name].title);
      const { element } = this.panels[name];
      Object.assign(element, { id: `panel-${name}` });
      element.setAttribute("role", "tabpanel");
      element.setAttribute("aria-labelledby", `tab-${name}`);
    }
    this.stage = el("div", { class: "panes" });
    this.mini = el("div", { class: "mini", "aria-hidden": "true" }); // on a phone the faces stay in sight of the tools
    this.axesBox = el("span", { class: "axes" }, labelled("across", this.controls.x), labelled("up", this.controls.y));
    clear(
      document.getElementById("app"),
      el(
        "div",
        { class: "controls" },
        labelled("Model", this.controls.model),
        run.models.length > 1 ? labelled("beside it", this.controls.other) : null,
        labelled("Map", this.controls.map),
        this.axesBox,
        labelled("Colour", this.controls.color),
        labelled("Find", this.search),
      ),
      el(
        "div",
        { class: "columns" },
        this.stage,
        el("aside", { class: "tools" }, el("div", { class: "tabs" }, this.mini, el("div", { role: "tablist" }, ...PANELS.map((name) => this.tabs[name]))), ...PANELS.map((name) => this.panels[name].element)),
      ),
    );
  }

  async #openPanes() {
    this.panes = this.state.models.map((name) => this.panes.find((pane) => pane.info.name === name) ?? new Pane(this, this.#info(name)));
    this.stage.dataset.count = this.panes.length;
    clear(this.mini, ...this.panes.map((pane) => pane.mini));
    clear(this.stage, ...this.panes.map((pane) => pane.element));
    this.#showControls();
    const { panes } = this;
    this.#opened = Promise.all(panes.map((pane) => pane.open()));
    await this.#opened;
    if (this.ready && panes === this.panes) this.#loadPoints();
  }

  /** Wait until the panes that stand on the page have their models, also where others were asked for meanwhile. */
  async #allOpen() {
    let waited;
    while (waited !== this.#opened) await (waited = this.#opened);
  }

  #showControls() {
    const { state, run, controls } = this;
    const first = this.#info(state.models[0]);
    const names = run.models.map(({ name }) => name);
    clear(controls.model, ...options(names.map((name) => [name, name]), state.models[0]));
    clear(controls.other, ...options([["", "none"], ...names.filter((name) => name !== state.models[0]).map((name) => [name, name])], state.models[1] ?? ""));
    clear(controls.map, ...this.panes[0].mapOptions(state.map));
    const axes = Array.from({ length: first.n_scores }, (_, at) => [String(at), `axis ${at + 1}`]);
    clear(controls.x, ...options(axes, String(state.axes[0])));
    clear(controls.y, ...options(axes, String(state.axes[1])));
    this.axesBox.hidden = state.map !== "pca";
    const group = (label, entries) => {
      const element = el("optgroup", { label });
      element.append(...options(entries, state.color));
      return entries.length ? element : null;
    };
    const numbers = [["radius", "radius"], ["distance", "Mahalanobis distance"], ["error", "reconstruction error"], ["split", "split"]];
    if (first.clusters) numbers.push(["cluster", "cluster"]);
    const key = [state.color, run.attributes.length, first.clusters].join();
    if (controls.color.dataset.key !== key) {
      controls.color.dataset.key = key;
      clear(
        controls.color,
        ...options(numbers, state.color),
        group("attributes", run.attributes.map((name) => [`attr:${name}`, name.replaceAll("_", " ")])),
        group("factors", run.factors.map(({ name }) => [`factor:${name}`, name.replaceAll("_", " ")])),
      );
    }
  }

  /** Load all z-points in the background, so that the nearest can be told. */
  async #loadPoints() {
    this.ready = true;
    document.documentElement.dataset.ready = "true";
    for (const pane of this.panes) {
      try {
        await pane.space.loadAll((share) => (pane.progress.textContent = share < 1 ? `z-points: ${Math.floor(100 * share)} % loaded` : ""));
      } catch (error) {
        pane.progress.textContent = error.message;
      }
      pane.update();
      pane.showMarks();
    }
    document.documentElement.dataset.complete = "true";
  }

  #writeHash() {
    const hash = toHash(this.state);
    this.#written = hash;
    try {
      history.replaceState(null, "", hash);
    } catch {
      location.replace(hash);
    }
  }
  #written = "";

  async #restore() {
    if (location.hash === this.#written) return;
    const state = fromHash(location.hash, this.run);
    if (state.base.startsWith("row:")) this.lastRow = Number(state.base.slice(4));
    await this.set(state);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const onTabs = event.target.matches('[role="tab"]');
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && onTabs) {
      const name = PANELS[(PANELS.indexOf(this.state.panel) + step + PANELS.length) % PANELS.length];
      this.set({ panel: name });
      this.tabs[name].focus();
    } else if (step && (event.target.matches(".overlay") || event.target === document.body)) {
      this.pick((this.lastRow + step + this.run.images) % this.run.images);
    } else if (event.key === "r") this.set({ edits: {} });
    else if (event.key === "d") this.set({ panel: "samplers", seed: this.state.seed + 1, base: "sample:0", edits: {} });
    else if (event.key === "p") this.set({ panel: "path" }).then(() => this.panels.path.toggle());
    else if (event.key === "/") this.search.focus();
    else if (event.key === "+") this.panes.forEach((pane) => pane.map.zoom(1.5));
    else if (event.key === "-") this.panes.forEach((pane) => pane.map.zoom(1 / 1.5));
    else if (event.key === "0") this.panes.forEach((pane) => pane.map.reset());
    else return;
    event.preventDefault();
  }
}

function fail(error) {
  const box = document.getElementById("message");
  box.textContent = error?.message ?? String(error);
  box.hidden = false;
  document.documentElement.dataset.failed = "true";
}

addEventListener("error", (event) => fail(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => fail(event.reason));

async function main() {
  if (typeof DecompressionStream !== "function") throw new Error("This browser cannot unpack the data: it lacks DecompressionStream. Take a current one.");
  const chunks = new Chunks("data");
  const run = await chunks.open();
  if (!run.models.length) throw new Error("No model of this run has a decoder, so there is nothing to explore.");
  const app = new App(chunks, run);
  globalThis.zpoints = app; // for the console
  await app.start();
}

main().catch(fail);

