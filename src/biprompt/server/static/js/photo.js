/** The photograph: its pixels here, and its place on the server. */

import * as api from "./api.js";

const PREVIEW_SIDE = 1024;
const POLL_MS = 120;

/** A photograph: decoded here and sent to the server at the same time. */
export class Photo {
  #server = null;
  #control = new AbortController();

  constructor(blob, name) {
    Object.assign(this, { blob, name, bitmap: null, preview: null, width: 0, height: 0 });
  }

  #take(bitmap) {
    Object.assign(this, { bitmap, width: bitmap.width, height: bitmap.height });
    const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
    this.preview = new OffscreenCanvas(
      Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)),
    );
    const context = this.preview.getContext("2d", { alpha: false });
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, this.preview.width, this.preview.height);
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
