// One model's cloud of z-points: points, axes, directions, and where any other point lies.

import { dot, norm, rank } from "./numeric.js";

export class Space {
  #blocks = [];
  #directions = new Map();
  loaded = 0; // blocks of z-points

  constructor(chunks, info, images) {
    Object.assign(this, { chunks, info, images, name: info.name, zDim: info.z_dim });
  }

  static async open(chunks, info, images) {
    const space = new Space(chunks, info, images);
    const names = ["low", "step", "mean", "std", "axes"];
    const arrays = await Promise.all(names.map((name) => chunks.load(`${info.name}/${name}`)));
    names.forEach((name, at) => (space[name] = arrays[at]));
    return space;
  }

  /** A number of every image: "radius", "distance", "error" in grey levels, "cluster" from 0, "scores_0" along an axis. */
  ofImages(name) {
    return this.chunks.load(`${this.name}/${name}`);
  }

  /** mu of an image. */
  async point(row) {
    const number = Math.floor(row / this.info.block);
    const block = await this.#block(number);
    const start = (row - number * this.info.block) * this.zDim;
    return Float32Array.from(this.low, (low, at) => low + this.step[at] * block[start + at]);
  }

  async #block(number) {
    if (!this.#blocks[number]) {
      const block = await this.chunks.load(`${this.name}/points_${number}`, false);
      if (!this.#blocks[number]) this.loaded += 1;
      this.#blocks[number] = block;
    }
    return this.#blocks[number];
  }

  /** Load the z-points that are not yet here: while a block is unpacked, the next is read. */
  async loadAll(progress = () => {}) {
    const blocks = [];
    for (let number = 0; number < this.info.n_blocks; number++) {
      blocks.push(this.#block(number));
      if (number) await blocks[number - 1];
      progress(this.loaded / this.info.n_blocks);
    }
    await blocks.at(-1);
    progress(1);
  }

  /** The axis at `at`: a unit vector. */
  axis(at) {
    return this.axes.subarray(at * this.zDim, (at + 1) * this.zDim);
  }

  /** Coordinates along all principal axes. */
  scoresOf(z) {
    const about = z.map((value, at) => value - this.mean[at]);
    return Float64Array.from({ length: this.zDim }, (_, at) => dot(about, this.axis(at)));
  }

  /** The z-point with these coordinates along the principal axes. */
  fromScores(scores) {
    const z = Float64Array.from(this.mean);
    scores.forEach((score, at) => {
      const axis = this.axis(at);
      for (let to = 0; to < z.length; to++) z[to] += score * axis[to];
    });
    return Float32Array.from(z);
  }

  /** What one standard deviation along an axis ("axis:0") or an attribute ("attr:Smiling") adds, and its own unit. */
  async direction(key, kind) {
    const id = `${key}|${kind}`;
    if (!this.#directions.has(id)) this.#directions.set(id, await this.#direction(key, kind));
    return this.#directions.get(id);
  }

  async #direction(key, kind) {
    const name = key.slice(5);
    if (key.startsWith("axis:")) {
      const at = Number(name);
      return at < this.zDim ? { step: this.axis(at).map((value) => value * this.std[at]) } : null;
    }
    const place = this.info.directions.indexOf(name);
    if (place < 0) return null;
    const all = await this.chunks.load(`${this.name}/${kind}`);
    const vector = all.subarray(place * this.zDim, (place + 1) * this.zDim);
    const length = norm(vector);
    if (!length) return null;
    const unit = vector.map((value) => value / length);
    let variance = 0;
    for (let at = 0; at < this.zDim; at++) variance += (this.std[at] * dot(this.axis(at), unit)) ** 2;
    const deviation = Math.sqrt(variance);
    return { step: unit.map((value) => value * deviation), own: length / deviation };
  }

  /** z plus so many standard deviations along each of these directions. */
  async edited(z, edits, kind) {
    const moved = Float32Array.from(z);
    for (const [key, amount] of Object.entries(edits)) {
      const direction = amount ? await this.direction(key, kind) : null;
      if (direction) for (let at = 0; at < moved.length; at++) moved[at] += amount * direction.step[at];
    }
    return moved;
  }

  /** Radius and Mahalanobis distance of a point, with the shares of training z-points below. */
  gauge(z) {
    const radius = norm(z);
    const scores = this.scoresOf(z);
    let squares = 0;
    for (let at = 0; at < this.info.n_active; at++) squares += (scores[at] / this.std[at]) ** 2;
    const distance = Math.sqrt(squares);
    return {
      radius,
      radiusRank: rank(this.info.radius, radius),
      distance,
      distanceRank: rank(this.info.distance, distance),
      scores,
    };
  }

  /** The nearest z-point of those that are loaded, of all images or of these rows: {row, distance}, or null.
   *
   * The page stays alive meanwhile; once `stale()` is true, the search ends with null.
   */
  async nearest(z, { exclude = -1, rows = null, stale = () => false } = {}) {
    const { zDim, step, low } = this;
    const target = Float64Array.from(z, (value, at) => (value - low[at]) / step[at]);
    const weights = Float64Array.from(step, (value) => value * value);
    let best = Infinity;
    let found = -1;
    const look = (block, place, row) => {
      const start = place * zDim;
      let sum = 0;
      for (let at = 0; at < zDim; ) {
        const end = Math.min(at + 16, zDim);
        for (; at < end; at++) {
          const away = block[start + at] - target[at];
          sum += away * away * weights[at];
        }
        if (sum >= best) return;
      }
      best = sum;
      found = row;
    };
    if (rows) {
      for (const [at, row] of rows.entries()) {
        if (at % 8192 === 8191 && (await breathe(), stale())) return null;
        const number = Math.floor(row / this.info.block);
        if (row !== exclude && this.#blocks[number]) look(this.#blocks[number], row - number * this.info.block, row);
      }
    } else {
      for (const [number, block] of this.#blocks.entries()) {
        if (!block) continue;
        const first = number * this.info.block;
        for (let place = 0; place < block.length / zDim; place++) if (first + place !== exclude) look(block, place, first + place);
        if (number % 4 === 3 && (await breathe(), stale())) return null;
      }
    }
    return found < 0 ? null : { row: found, distance: Math.sqrt(best) };
  }
}

/** Let the browser draw and listen. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));
