/** The photograph: its pixels here, and its place on the server. */

import * as api from "./api.js";

const SMALLER = [2048, 640]; // longer sides of the copies that are drawn where all of it is seen
const POLL_MS = 120;

/** A photograph: decoded here and sent to the server at the same time. */
export class Photo {
  #server = null;
  #control = new AbortController();

  constructor(blob, name) {
    Object.assign(this, { blob, name, bitmap: null, copies: [], width: 0, height: 0 });
  }

  #take(bitmap) {
    Object.assign(this, { bitmap, width: bitmap.width, height: bitmap.height });
    this.copies = [bitmap];
    for (const side of SMALLER) {
      const scale = side / Math.max(bitmap.width, bitmap.height);
      if (scale < 1) this.copies.unshift(shrunk(this.copies[0], bitmap.width * scale, bitmap.height * scale));
    }
  }

  /** The smallest copy that is at least so wide. */
  copy(width) {
    return this.copies.find((one) => one.width >= width) ?? this.bitmap;
  }

  /** Send it; once, however often this is asked. Resolves to what the server says of it. */
  send(onProgress) {
    this.#server ??= this.#send(onProgress).catch((error) => {
      this.#server = null;
      throw error;
    });
    return this.#server;
  }

  async #send(onProgress) {
    const { signal } = this.#control;
    // Not every browser reads every kind of file, and some turn photographs otherwise.
    const decoded = this.bitmap ?? createImageBitmap(this.blob).catch(() => null);
    const entry = await api.upload(this.blob, this.name, { signal, onProgress });
    let bitmap = await decoded;
    if (bitmap?.width !== entry.width || bitmap.height !== entry.height) {
      bitmap = await createImageBitmap(await api.pixels(entry.id, { signal }));
    }
    if (bitmap !== this.bitmap) this.#take(bitmap);
    return entry;
  }

  /** The server has forgotten it: send it again. */
  resend() {
    this.#server = null;
    return this.send();
  }

  /** Wait until the server has looked at it; resolves to its last words. */
  async looked() {
    const { signal } = this.#control;
    const { id } = await this.send();
    for (;;) {
      const entry = await api.imageState(id, { signal });
      if ((entry.state ?? "ready") !== "embedding") return entry;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Leave it, here and there. */
  async close() {
    const server = this.#server;
    this.#control.abort();
    this.bitmap?.close();
    const entry = await server?.catch(() => null);
    if (entry) await api.forget(entry.id).catch(() => null);
  }
}

function shrunk(image, width, height) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  const context = canvas.getContext("2d", { alpha: false });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
