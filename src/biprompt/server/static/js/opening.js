/** Opening photographs and session files, and leaving the one before. */

import * as api from "./api.js";
import { byId, keep } from "./dom.js";
import { asksSomething } from "./objects.js";
import { Photo } from "./photo.js";
import { pack, unpack } from "./session.js";

export class Opening {
  photo = null;
  #arriving = null;
  #saved = null; // the objects that a file holds
  #limits = null;

  constructor({ store, notices, scene, onPhoto }) {
    Object.assign(this, { store, notices, scene, onPhoto });
  }

  /** Whether there is work that no file holds. */
  get unsaved() {
    const { present } = this.store.state;
    return present.objects !== this.#saved && present.objects.some(({ prompt }) => asksSomething(prompt));
  }

  saved() {
    this.#saved = this.store.state.present.objects;
  }

  /** hint: a word to try, for the photographs that the server brings along. */
  async image(blob, name, hint = "red cup") {
    if (!(await this.#mayLeave())) return;
    await this.#open(blob, name, null);
    byId("phrase").placeholder = hint;
  }

  /** Resolves to whether it is open. */
  async session(text) {
    try {
      const { blob, name, document } = unpack(text);
      if (await this.#mayLeave()) return await this.#open(blob, name, document);
    } catch (error) {
      this.notices.show(`Not opened: ${error.message}`, { problem: true });
    }
    return false;
  }

  async saveSession() {
    const text = await pack(this.photo, this.store.state.present);
    const stem = this.photo.name.replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}._ -]+/gu, "-") || "photograph";
    keep(new Blob([text], { type: "application/json" }), `${stem}.biprompt.json`);
    this.saved();
    this.notices.show("The session file is saved.");
  }

  /** Ask before work is lost. */
  async #mayLeave() {
    if (!this.unsaved) return true;
    const dialog = byId("leave-window");
    dialog.returnValue = "cancel";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    if (dialog.returnValue === "save") await this.saveSession();
    return ["save", "open"].includes(dialog.returnValue);
  }

  /** The one before stays until the server has taken the new one. */
  async #open(blob, name, document) {
    const photo = new Photo(blob, name);
    this.#arriving?.close();
    this.#arriving = photo;
    const newest = () => this.#arriving === photo;
    this.notices.clear();
    try {
      this.#progress(0);
      await this.#checkSize(blob);
      await photo.send((share) => newest() && this.#progress(share));
      if (!newest()) return;
      this.#show(photo, document);
      this.#progress(null);
      const entry = await photo.looked();
      if (newest()) this.#ready(photo, entry);
      return newest();
    } catch (error) {
      if (newest()) this.notices.show(`Not opened: ${error.message}`, { problem: true });
    } finally {
      if (newest()) {
        this.#progress(false);
        this.#arriving = null;
      }
    }
    return false;
  }

  /** A server stops reading what is too large, and the browser then has no better words. */
  async #checkSize({ size }) {
    this.#limits ??= await api.limits().catch(() => ({}));
    const { upload_bytes: most } = this.#limits;
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    if (size > most) throw new Error(`the file has ${mib(size)} MiB, at most ${mib(most)} are taken`);
  }

  #show(photo, document) {
    this.photo?.close();
    this.photo = photo;
    const { name, width, height } = photo;
    this.onPhoto();
    this.scene.show(photo);
    this.store.dispatch({ type: "open", image: { name, width, height }, document });
    this.#saved = document && this.store.state.present.objects;
    window.document.title = `${name} · biprompt`;
    byId("marks").focus({ focusVisible: false });
    // Here and not when the model has looked: an answer may be there by then, and is said last.
    this.notices.say(`${name} is open, ${width} by ${height} pixels.`);
  }

  /** share: a number while it is sent, null while it is looked at, false at the end. */
  #progress(share) {
    const bar = byId("progress");
    bar.hidden = share === false;
    bar.classList.toggle("looking", share === null);
    if (share !== false) bar.style.setProperty("--share", share ?? 1);
  }

  #ready(photo, entry) {
    if (entry.state === "failed") throw new Error("the model could not look at it");
    const ms = entry.embed_ms ?? null;
    if (ms !== null) this.scene.tell(`Looked at in ${Math.round(ms)} ms`);
  }
}

/** Do not lose work by closing the page; do not leave a photograph on the server. */
export function forgetPhotoOnLeave(opening) {
  window.addEventListener("beforeunload", (event) => opening.unsaved && event.preventDefault());
  window.addEventListener("pagehide", ({ persisted }) => {
    if (!persisted) opening.photo?.close();
  });
}
