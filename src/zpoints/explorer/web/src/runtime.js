// The networks, run by ONNX Runtime in WebAssembly, from bytes that came as scripts.

import ort from "onnxruntime-web";

export class Runtime {
  #sessions = new Map();
  #queue = Promise.resolve();
  #started;
  decodings = 0;

  constructor(chunks) {
    this.chunks = chunks;
  }

  #start() {
    this.#started ??= (async () => {
      if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly, without which nothing is decoded.");
      const [wasm, glue] = await Promise.all([this.chunks.load("runtime/wasm", false), this.chunks.load("runtime/glue", false)]);
      ort.env.logLevel = "error";
      ort.env.wasm.numThreads = 1; // threads need a server's headers
      ort.env.wasm.wasmBinary = wasm.buffer;
      ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(new Blob([glue], { type: "text/javascript" })) };
    })();
    return this.#started;
  }

  #session(name) {
    if (!this.#sessions.has(name)) {
      const made = this.#start().then(async () => ort.InferenceSession.create(await this.chunks.load(name, false)));
      made.catch(() => this.#sessions.delete(name));
      this.#sessions.set(name, made);
    }
    return this.#sessions.get(name);
  }

  /** The first output of a network, a tensor: of an encoder, that is mu. One run at a time. */
  async run(name, data, shape) {
    const session = await this.#session(name);
    const result = this.#queue.then(() => session.run({ [session.inputNames[0]]: new ort.Tensor("float32", data, shape) }));
    this.#queue = result.catch(() => {});
    const outputs = await result;
    return outputs[session.outputNames[0]];
  }

  /** The picture of a z-point as ImageData. */
  async decode(model, z, size) {
    const { data, dims } = await this.run(`${model}/decoder`, z, [1, z.length]);
    this.decodings += 1;
    const image = new ImageData(size, size);
    // Other programs' decoders may put the channels first, and may have one alone.
    const first = dims[1] < 4 && dims[2] === size && dims[3] === size;
    const channels = first ? dims[1] : dims[3];
    for (let pixel = 0; pixel < size * size; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const of = channels === 1 ? 0 : channel;
        image.data[4 * pixel + channel] = Math.round(255 * data[first ? of * size * size + pixel : pixel * channels + of]);
      }
      image.data[4 * pixel + 3] = 255;
    }
    return image;
  }

  /** mu of a picture (ImageData of the model's size). */
  async encode(model, image) {
    const pixels = new Float32Array(image.width * image.height * 3);
    for (let from = 0, to = 0; to < pixels.length; from += 4) {
      for (let channel = 0; channel < 3; channel++) pixels[to++] = image.data[from + channel] / 255;
    }
    return new Float32Array((await this.run(`${model}/encoder`, pixels, [1, image.height, image.width, 3])).data);
  }
}
