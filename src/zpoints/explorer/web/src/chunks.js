// Data comes as scripts that call zpointsChunk(name, length, text): a page opened from disk may fetch nothing.

const waiting = new Map();

globalThis.zpointsChunk = (name, length, text) => waiting.get(name)?.({ length, text });

const FIRST = 0x3000; // the character that stands for 0, as in zpoints.explorer.chunks

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array };

export class MissingChunk extends Error {}

export class Chunks {
  #index = {};
  #loaded = new Map();

  constructor(folder) {
    this.folder = folder;
  }

  /** Load run.js, which lists all others; returns its content. */
  async open() {
    const run = JSON.parse(new TextDecoder().decode(await this.#bytes("run", "run.js")));
    this.#index = run.chunks;
    return run;
  }

  has(name) {
    return Object.hasOwn(this.#index, name);
  }

  /** A typed array, rounded numbers as Float32Array, or what JSON holds; kept unless `keep` is false, and never loaded twice at once. */
  load(name, keep = true) {
    if (!this.has(name)) return Promise.reject(new MissingChunk(`This page holds no ${name}.`));
    if (this.#loaded.has(name)) return this.#loaded.get(name);
    const entry = this.#index[name];
    const promise = this.#bytes(name, entry.file).then((bytes) => {
      if (entry.dtype === "json") return JSON.parse(new TextDecoder().decode(bytes));
      const values = new TYPES[entry.dtype](bytes.buffer);
      return entry.step ? Float32Array.from(values, (value) => entry.low + entry.step * value) : values;
    });
    this.#loaded.set(name, promise);
    promise.then(() => keep || this.#loaded.delete(name), () => this.#loaded.delete(name));
    return promise;
  }

  async #bytes(name, file) {
    const { length, text } = await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${this.folder}/${file}`;
      const fail = () => reject(new MissingChunk(`${this.folder}/${file} cannot be read. Copy the whole folder, or run the stage explore again.`));
      script.onerror = fail;
      script.onload = () => setTimeout(fail); // resolved already, if the script did what it should
      waiting.set(name, resolve);
      document.head.append(script);
    }).finally(() => {
      waiting.delete(name);
      document.head.querySelector(`script[src="${CSS.escape(`${this.folder}/${file}`)}"]`)?.remove();
    });
    const packed = new Uint8Array(length); // of 15 bits in each character
    for (let at = 0, from = 0, held = 0, bits = 0; at < length; ) {
      held = ((held & 0x7f) << 15) | (text.charCodeAt(from++) - FIRST);
      for (bits += 15; bits >= 8 && at < length; ) packed[at++] = held >>> (bits -= 8);
    }
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
}
