// Data comes as scripts that call zpointsChunk(name, gzipped base64): a page opened from disk may fetch nothing.

const waiting = new Map();

globalThis.zpointsChunk = (name, text) => waiting.get(name)?.(text);

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

  /** A typed array, or what JSON holds; kept unless `keep` is false, and never loaded twice at once. */
  load(name, keep = true) {
    if (!this.has(name)) return Promise.reject(new MissingChunk(`This page holds no ${name}.`));
    if (this.#loaded.has(name)) return this.#loaded.get(name);
    const entry = this.#index[name];
    const promise = this.#bytes(name, entry.file).then((bytes) =>
      entry.dtype === "json" ? JSON.parse(new TextDecoder().decode(bytes)) : new TYPES[entry.dtype](bytes.buffer),
    );
    this.#loaded.set(name, promise);
    promise.then(() => keep || this.#loaded.delete(name), () => this.#loaded.delete(name));
    return promise;
  }

  async #bytes(name, file) {
    const text = await new Promise((resolve, reject) => {
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
    const binary = atob(text);
    const packed = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) packed[at] = binary.charCodeAt(at);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
}
