// One model: its map, the face of the chosen point, and where that point lies.

import { clear, el, number, options, percent } from "./dom.js";
import { ScatterMap } from "./map.js";
import { quantile, rank } from "./numeric.js";
import { Space } from "./space.js";

const SETTLED = 120; // milliseconds without a change, after which the nearest z-point is looked for

export class Pane {
  #opening;
  #dirty = false;
  #running = null;
  #settled = 0;

  constructor(app, info) {
    this.app = app;
    this.info = info;
    const { run } = app;
    this.face = el("canvas", { width: run.size, height: run.size, class: "face", role: "img", "aria-label": "decoded image" });
    this.mini = el("canvas", { width: run.size, height: run.size });
    this.original = el("canvas", { width: run.size, height: run.size, class: "face", role: "img", "aria-label": "original image" });
    this.originalCaption = el("figcaption");
    this.originalBox = el("figure", {}, this.original, this.originalCaption);
    this.facts = el("div", { class: "facts" });
    this.gauge = el("dl", { class: "gauge" });
    this.verdict = el("p", { class: "verdict", role: "status" });
    this.legend = el("div", { class: "legend" });
    this.progress = el("span", { class: "progress" });
    const points = el("canvas", { class: "points" });
    const overlay = el("canvas", { class: "overlay", tabindex: "0", role: "application", "aria-label": `map of the z-points of ${info.name}: arrow keys go from image to image` });
    this.map = new ScatterMap(points, overlay, {
      hover: (row) => app.hover(row),
      pick: (row) => app.pick(row),
      lasso: (rows) => app.lasso(rows),
    });
    const button = (text, label, action) => el("button", { type: "button", title: label, "aria-label": label, onclick: action }, text);
    this.caption = el("figcaption", {}, "decoded");
    this.element = el(
      "section",
      { class: "pane", "aria-label": info.name },
      el(
        "div",
        { class: "plot" },
        el(
          "div",
          { class: "stage" },
          points,
          overlay,
          el("div", { class: "buttons" }, button("+", "nearer", () => this.map.zoom(1.5)), button("\u2212", "farther", () => this.map.zoom(1 / 1.5)), button("\u25a1", "all points", () => this.map.reset())),
          el("p", { class: "tag" }, info.name, el("span", {}, ` (${{ ae: "autoencoder", vae: "VAE" }[info.kind] ?? info.kind}, z_dim ${info.z_dim})`)),
        ),
        this.legend,
      ),
      el(
        "div",
        { class: "point" },
        el("div", { class: "faces" }, el("figure", {}, this.face, this.caption), this.originalBox),
        this.facts,
        el("h3", {}, "Where it lies"),
        this.verdict,
        this.gauge,
        this.progress,
        el("p", { class: "note" }, `z rounded to 1/${2 ** info.bits - 1} of each axis\u2019 range: decoded images differ by ${info.rounding.toPrecision(2)} grey levels on average.`),
      ),
    );
  }

  async open() {
    this.#opening ??= Space.open(this.app.chunks, this.info, this.app.run.images);
    this.space = await this.#opening;
    await this.showMap();
    await this.showColors();
  }

  /** The map that the state asks for; the principal axes where this model has no such map. */
  async showMap() {
    const { map, axes } = this.app.state;
    const { space, info } = this;
    const names = [`${info.name}/${map}`, `${info.name}/${map}_rows`];
    this.onAxes = map === "pca" || !this.app.chunks.has(names[0]);
    this.rows = null;
    if (this.onAxes) {
      this.axes = axes.map((axis) => Math.min(axis, info.n_scores - 1));
      this.map.setPoints(...(await Promise.all(this.axes.map((axis) => space.ofImages(`scores_${axis}`)))));
    } else {
      const [table, rows] = await Promise.all(names.map((name) => this.app.chunks.load(name)));
      this.rows = rows;
      this.map.setPoints(table.subarray(0, rows.length), table.subarray(rows.length), rows);
    }
    this.showMarks();
  }

  async showColors() {
    const colors = await this.app.colors(this.space);
    this.map.setColors(colors);
    if (colors.legend) clear(this.legend, ...colors.legend.map(({ color, text }) => swatch(color, text)));
    else {
      const bar = el("i", { class: "ramp" });
      bar.style.background = `linear-gradient(to right, ${colors.ramp.stops.join(",")})`;
      clear(this.legend, el("span", {}, `${colors.ramp.label}: ${colors.ramp.low}`), bar, el("span", {}, colors.ramp.high));
    }
  }

  /** Decode what the state asks for; while one picture is made, of later calls the last alone counts. */
  update() {
    this.#dirty = true;
    this.#running ??= (async () => {
      try {
        while (this.#dirty) {
          this.#dirty = false;
          await this.#show();
        }
      } finally {
        this.#running = null;
      }
    })();
    return this.#running;
  }

  async #show() {
    if (!this.space) return; // who opens it shows it
    const point = await this.app.point(this.space);
    const image = await this.app.runtime.decode(this.info.name, point.z, this.app.run.size);
    this.face.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
    this.mini.getContext("2d").putImageData(image, 0, 0);
    this.point = point;
    this.caption.textContent = point.hovered ? "decoded, under the pointer" : point.edited ? "decoded, edited" : "decoded";
    const measures = this.space.gauge(point.z);
    this.scores = measures.scores;
    this.#showGauge(measures, null);
    this.showMarks();
    await this.#showFacts(point);
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => this.#showNearest(point, measures), SETTLED);
  }

  async #showNearest(point, measures) {
    if (point !== this.point || !this.space.loaded) return;
    const exclude = point.edited ? -1 : (point.row ?? -1);
    const stale = () => point !== this.point;
    const nearest = await this.space.nearest(point.z, { exclude, stale });
    if (stale()) return;
    this.#showGauge(measures, nearest);
    if (!this.rows) return;
    const onMap = await this.space.nearest(point.z, { rows: this.rows, stale });
    if (stale()) return;
    this.nearestOnMap = onMap;
    this.showMarks();
  }

  #showGauge(measures, nearest) {
    const { info } = this;
    const lines = [
      ["radius", number(measures.radius), measures.radiusRank],
      ["Mahalanobis", number(measures.distance), measures.distanceRank],
    ];
    const extreme = Math.max(Math.abs(2 * measures.radiusRank - 1), measures.distanceRank);
    const far = measures.distance > quantile(info.distance, 1);
    const [kind, text] = far
      ? ["off", `Off the cloud: ${number(measures.distance / quantile(info.distance, 1), 1)} times as far out as its farthest z-point.`]
      : measures.distanceRank > 0.99
        ? ["edge", "At the edge of the cloud: 99 % of its z-points lie further inside."]
        : extreme > 0.99
          ? ["edge", "An unusual radius for this cloud."]
          : ["in", "Within the cloud."];
    this.verdict.textContent = text;
    this.verdict.dataset.kind = kind;
    const rows = lines.flatMap(([name, value, share]) => [el("dt", {}, name), el("dd", {}, el("b", {}, value), bar(share), el("span", {}, share >= 1 ? "beyond all" : `above ${percent(share)}`))]);
    if (nearest) {
      const share = rank(info.nearest, nearest.distance);
      const id = this.app.ids[nearest.row];
      const go = el("button", { type: "button", class: "link", onclick: () => this.app.pick(nearest.row) }, id);
      rows.push(el("dt", {}, "nearest z-point"), el("dd", {}, el("b", {}, number(nearest.distance)), bar(share), el("span", {}, go)));
    }
    clear(this.gauge, ...rows);
  }

  async #showFacts(point) {
    const { app } = this;
    const row = point.row;
    this.originalBox.hidden = !point.photo;
    if (row === undefined) {
      if (point.photo) this.original.getContext("2d").putImageData(point.photo, 0, 0);
      this.originalCaption.textContent = "inside the frame";
      clear(this.facts, el("p", {}, el("b", {}, point.label)));
      return;
    }
    const names = await app.attributesOf(row);
    const [image, errors] = await Promise.all([app.original(row), this.space.ofImages("error")]);
    if (point !== this.point) return;
    if (image) {
      this.original.getContext("2d").drawImage(image.sheet, image.x, image.y, app.run.size, app.run.size, 0, 0, app.run.size, app.run.size);
      this.originalCaption.textContent = "original";
      this.originalBox.hidden = false;
    }
    clear(
      this.facts,
      el("p", {}, el("b", {}, app.ids[row]), ` ${app.split[row] ? "held out" : "training"}${point.edited ? ", edited" : `, reconstructed to ${number(errors[row])} grey levels`}`),
      names.length ? el("p", { class: "names" }, names.map((name) => name.replaceAll("_", " ")).join(", ")) : null,
    );
  }

  /** The chosen point, the sampler's nine, and the path. */
  showMarks() {
    const { app, map } = this;
    const marks = [];
    for (const mark of app.extraMarks(this)) marks.push(mark);
    const at = this.#placeOf();
    if (at) marks.push({ at, size: 7, fill: "#d55e00" });
    map.marks = marks;
    map.drawMarks();
  }

  #placeOf() {
    if (!this.point) return null;
    if (this.onAxes && this.scores) return this.axes.map((axis) => this.scores[axis]);
    if (this.point.row !== undefined && !this.point.edited) return this.map.place(this.point.row) ?? this.#nearestPlace();
    return this.#nearestPlace();
  }

  #nearestPlace() {
    return this.nearestOnMap ? this.map.place(this.nearestOnMap.row) : null;
  }

  /** Where any z-point falls on this map: itself, or on a t-SNE map its nearest neighbour. */
  async placeOf(z) {
    if (this.onAxes) {
      const scores = this.space.scoresOf(z);
      return this.axes.map((axis) => scores[axis]);
    }
    const nearest = await this.space.nearest(z, { rows: this.rows });
    return nearest && this.map.place(nearest.row);
  }

  /** Choices for the map. */
  mapOptions(chosen) {
    return options([...this.info.maps.map((map) => [`map_${map.number}`, map.title]), ["pca", "principal axes"]], chosen);
  }
}

function swatch(color, text) {
  const box = el("i", { class: "swatch" });
  box.style.background = color;
  return el("span", {}, box, text);
}

function bar(share) {
  const mark = el("i");
  mark.style.left = `${100 * Math.min(1, Math.max(0, share))}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, mark);
}
