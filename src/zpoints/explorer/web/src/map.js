// A scatter plot of any number of points, drawn pixel by pixel into a canvas: no WebGL, so nothing to be without.
// Above it lies a second canvas with the few marks that change.

const CELLS = 256; // of the grid by which a point under the pointer is found
const REACH = 9; // pixels from the pointer within which a point counts as meant

export class ScatterMap {
  #view = { x: 0, y: 0, scale: 1 }; // centre in the map's units, pixels for a unit
  #pointers = new Map();
  #frame = 0;
  #moved = 0;
  #lasso = null;
  lassoMode = false;
  marks = [];
  frames = 0;

  /** on: {hover(row), pick(row), lasso(rows)} */
  constructor(canvas, overlay, on) {
    Object.assign(this, { canvas, overlay, on });
    this.x = this.y = new Float32Array(0);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    overlay.addEventListener("pointerdown", (event) => this.#down(event));
    overlay.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) overlay.addEventListener(kind, (event) => this.#up(event));
    overlay.addEventListener("pointerleave", () => this.on.hover(-1));
    overlay.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    overlay.addEventListener("dblclick", () => this.reset());
  }

  /** Points x, y; rows[i] is the image of point i (null: i itself). */
  setPoints(x, y, rows = null) {
    Object.assign(this, { x, y, rows });
    this.places = rows && new Map(Array.from(rows, (row, place) => [row, place]));
    this.#index();
    this.reset();
  }

  setColors({ palette, indices }) {
    Object.assign(this, { palette, indices });
    this.draw();
  }

  /** Show all points but the most remote ones. */
  reset() {
    const [left, right] = ends(this.x);
    const [bottom, top] = ends(this.y);
    const { width, height } = this.#size();
    this.#view = { x: (left + right) / 2, y: (bottom + top) / 2, scale: 0.9 * Math.min(width / (right - left || 1), height / (top - bottom || 1)) };
    this.draw();
  }

  /** Pixels that a unit of the map takes. */
  get scale() {
    return this.#view.scale;
  }

  zoom(factor, at = null) {
    const { width, height } = this.#size();
    const [px, py] = at ?? [width / 2, height / 2];
    const [x, y] = this.#unproject(px, py);
    this.#view.scale *= factor;
    this.#view.x = x - (px - width / 2) / this.#view.scale;
    this.#view.y = y + (py - height / 2) / this.#view.scale;
    this.draw();
  }

  pan(dx, dy) {
    this.#view.x -= dx / this.#view.scale;
    this.#view.y += dy / this.#view.scale;
    this.draw();
  }

  /** Pixels in the canvas of a place in the map's units, or of an image's point; null where it has none. */
  project(x, y) {
    const { width, height } = this.#size();
    return [width / 2 + (x - this.#view.x) * this.#view.scale, height / 2 - (y - this.#view.y) * this.#view.scale];
  }

  place(row) {
    const place = this.places ? this.places.get(row) : row;
    return place === undefined || place < 0 || place >= this.x.length ? null : [this.x[place], this.y[place]];
  }

  #unproject(px, py) {
    const { width, height } = this.#size();
    return [this.#view.x + (px - width / 2) / this.#view.scale, this.#view.y - (py - height / 2) / this.#view.scale];
  }

  #size() {
    return { width: this.canvas.clientWidth || 1, height: this.canvas.clientHeight || 1 };
  }

  #resize() {
    const before = this.#width;
    this.#width = this.canvas.clientWidth;
    if (!before) this.reset();
    else this.draw();
  }
  #width = 0;

  /** Draw in the next frame. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
      this.#paintMarks();
    });
  }

  drawMarks() {
    this.#markFrame ||= requestAnimationFrame(() => {
      this.#markFrame = 0;
      this.#paintMarks();
    });
  }
  #markFrame = 0;

  #paint() {
    if (!this.palette || !this.#width) return;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const size = this.#size();
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d", { alpha: true });
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = Uint32Array.from(this.palette, ([red, green, blue]) => ((blue << 16) | (green << 8) | red | 0xff000000) >>> 0);
    const { x: cx, y: cy, scale } = this.#view;
    const k = scale * ratio;
    const edge = this.#dot(ratio, k);
    const half = edge >> 1;
    const round = edge >= 4;
    const { x, y, rows, indices } = this;
    for (let place = 0; place < x.length; place++) {
      const left = Math.round(width / 2 + (x[place] - cx) * k) - half;
      const top = Math.round(height / 2 - (y[place] - cy) * k) - half;
      if (left < 0 || top < 0 || left + edge > width || top + edge > height) continue;
      const color = colors[indices[rows ? rows[place] : place]];
      for (let dy = 0; dy < edge; dy++) {
        const cut = round && (dy === 0 || dy === edge - 1) ? (edge >> 2) || 1 : 0;
        const start = (top + dy) * width + left;
        for (let dx = cut; dx < edge - cut; dx++) pixels[start + dx] = color;
      }
    }
    context.putImageData(image, 0, 0);
    this.frames += 1;
  }

  /** Edge of a point in device pixels: larger where fewer share the picture. */
  #dot(ratio, k) {
    const shown = this.x.length / Math.max(1, (k * this.#extent) / Math.max(this.canvas.width, 1)) ** 2;
    const area = this.canvas.width * this.canvas.height;
    return Math.max(Math.round(1.5 * ratio), Math.min(Math.round(7 * ratio), Math.round(Math.sqrt((0.2 * area) / Math.max(shown, 1)))));
  }
  #extent = 1;

  #paintMarks() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { width, height } = this.#size();
    if (this.overlay.width !== Math.round(width * ratio) || this.overlay.height !== Math.round(height * ratio)) {
      Object.assign(this.overlay, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    }
    const context = this.overlay.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.overlay);
    const [ink, paper] = [style.getPropertyValue("--ink"), style.getPropertyValue("--paper")];
    for (const mark of this.marks) {
      if (mark.line) {
        context.beginPath();
        mark.line.forEach(([x, y]) => context.lineTo(...this.project(x, y)));
        context.lineWidth = 2;
        context.strokeStyle = ink;
        context.stroke();
        continue;
      }
      if (!mark.at) continue;
      const [px, py] = this.project(...mark.at);
      context.beginPath();
      context.arc(px, py, mark.size, 0, 7);
      context.lineWidth = 4;
      context.strokeStyle = paper;
      context.stroke();
      context.lineWidth = 2;
      context.strokeStyle = ink;
      if (mark.fill) {
        context.fillStyle = mark.fill;
        context.fill();
      }
      context.stroke();
      if (mark.text) {
        context.font = "600 12px system-ui, sans-serif";
        context.lineWidth = 3;
        context.strokeStyle = paper;
        context.strokeText(mark.text, px + mark.size + 3, py + 4);
        context.fillStyle = ink;
        context.fillText(mark.text, px + mark.size + 3, py + 4);
      }
    }
    if (this.#lasso) {
      context.beginPath();
      this.#lasso.forEach((point) => context.lineTo(...point));
      context.closePath();
      context.lineWidth = 1.5;
      context.strokeStyle = ink;
      context.stroke();
    }
  }

  /** A grid over the bulk of the points, each cell with its places. */
  #index() {
    const { x, y } = this;
    const [left, right] = ends(x);
    const [bottom, top] = ends(y);
    this.#extent = Math.max(right - left, top - bottom) || 1;
    const unit = this.#extent / CELLS || 1;
    const cell = (value, from) => Math.max(0, Math.min(CELLS - 1, Math.floor((value - from) / unit)));
    const starts = new Uint32Array(CELLS * CELLS + 1);
    const cells = Uint32Array.from(x, (value, place) => cell(y[place], bottom) * CELLS + cell(value, left));
    for (const at of cells) starts[at + 1] += 1;
    for (let at = 0; at < CELLS * CELLS; at++) starts[at + 1] += starts[at];
    const next = starts.slice();
    const order = new Uint32Array(x.length);
    cells.forEach((at, place) => (order[next[at]++] = place));
    this.grid = { starts, order, column: (value) => cell(value, left), line: (value) => cell(value, bottom) };
  }

  /** The image whose point is nearest to these pixels, -1 where none is near. */
  pick(px, py) {
    const { starts, order, column, line } = this.grid;
    const reach = REACH / this.#view.scale;
    const [x, y] = this.#unproject(px, py);
    let [best, found] = [reach * reach, -1];
    for (let row = line(y - reach); row <= line(y + reach); row++) {
      const [first, last] = [row * CELLS + column(x - reach), row * CELLS + column(x + reach)];
      for (let at = starts[first]; at < starts[last + 1]; at++) {
        const place = order[at];
        const away = (this.x[place] - x) ** 2 + (this.y[place] - y) ** 2;
        if (away < best) [best, found] = [away, place];
      }
    }
    return found < 0 ? -1 : this.rows ? this.rows[found] : found;
  }

  #at(event) {
    const box = this.overlay.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    this.overlay.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#at(event));
    if (this.#pointers.size === 1) {
      this.#moved = 0;
      this.#lasso = event.shiftKey || this.lassoMode ? [this.#at(event)] : null;
    }
  }

  #move(event) {
    const now = this.#at(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      this.on.hover(this.pick(...now));
      return;
    }
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId);
    this.#pointers.set(event.pointerId, now);
    this.#moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (this.#lasso) {
      this.#lasso.push(now);
      this.drawMarks();
    } else if (others.length) {
      const [, other] = others[0];
      const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      this.zoom(distance(now) / distance(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    } else if (this.#moved > 4) {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
  }

  #up(event) {
    const at = this.#pointers.get(event.pointerId);
    this.#pointers.delete(event.pointerId);
    if (!at || this.#pointers.size) return;
    if (this.#lasso) {
      const polygon = this.#lasso;
      this.#lasso = null;
      if (polygon.length > 3) this.on.lasso(this.#within(polygon));
      this.drawMarks();
    } else if (this.#moved <= 4 && event.type === "pointerup") {
      const row = this.pick(...at);
      if (row >= 0) this.on.pick(row);
    }
  }

  #wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), this.#at(event));
  }

  /** Images within a polygon of pixels. */
  #within(polygon) {
    const corners = polygon.map(([px, py]) => this.#unproject(px, py));
    const inside = [];
    for (let place = 0; place < this.x.length; place++) {
      const [x, y] = [this.x[place], this.y[place]];
      let odd = false;
      for (let at = 0, last = corners.length - 1; at < corners.length; last = at++) {
        const [[ax, ay], [bx, by]] = [corners[at], corners[last]];
        if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
      }
      if (odd) inside.push(this.rows ? this.rows[place] : place);
    }
    return inside;
  }
}

/** The ends of nearly all values: 0.1 % on either side may lie outside. */
function ends(values) {
  if (!values.length) return [0, 1];
  const step = Math.max(1, Math.floor(values.length / 20000));
  const sorted = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, at) => values[at * step]).sort();
  const cut = Math.floor(sorted.length / 1000);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}
