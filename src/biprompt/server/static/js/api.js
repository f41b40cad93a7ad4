/** The HTTP API of this server, and nothing else: every address is relative to the page. */

const TOKEN = "biprompt-token";
const PATIENCE = 6;
const UNREACHED = "the server does not answer";

/** What the server did not accept; `message` is for people. */
export class ApiError extends Error {
  constructor(status, facts) {
    super(facts?.message || `the server answered with status ${status}`);
    this.status = status;
    this.what = facts?.what ?? null;
  }
}

/** Take the token out of the address (#token=… or ?token=…): it is neither bookmarked nor shown. */
export function takeToken() {
  const address = new URL(location.href);
  const token = new URLSearchParams(address.hash.slice(1)).get("token") ?? address.searchParams.get("token");
  if (!token) return;
  sessionStorage.setItem(TOKEN, token);
  address.hash = "";
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

function headers(more) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...more, Authorization: `Bearer ${token}` } : { ...more };
}

/** A request; a busy server is asked again after the pause that it names. */
async function request(path, { signal, onWait, ...options } = {}) {
  for (let attempt = 1; ; attempt++) {
    const response = await reach(path, { ...options, signal, headers: headers(options.headers) });
    if (response.ok) return response;
    if (response.status !== 503 || attempt === PATIENCE) throw await failure(response);
    const seconds = Math.min(Number(response.headers.get("Retry-After")) || 1, 10);
    onWait?.(seconds);
    await pause(seconds * 1000, signal);
  }
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(UNREACHED);
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function failure(response) {
  const body = await response.json().catch(() => null);
  return new ApiError(response.status, body?.error);
}

const json = async (path, options) => (await request(path, options)).json();

const posted = (body) => ({
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

const imagePath = (id) => `v1/images/${encodeURIComponent(id)}`;

/** Send a photograph. `onProgress(share)` hears how much of it has arrived. */
export function upload(blob, name, { signal, onProgress } = {}) {
  // fetch cannot tell how far an upload is.
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", "v1/images");
    Object.entries(headers()).forEach(([key, value]) => sending.setRequestHeader(key, value));
    sending.responseType = "json";
    sending.upload.onprogress = ({ loaded, total }) => total && onProgress?.(loaded / total);
    sending.onload = () => {
      const { status, response } = sending;
      if (status >= 200 && status < 300) resolve(response);
      else reject(new ApiError(status, response?.error));
    };
    sending.onerror = () => reject(new Error(UNREACHED));
    sending.onabort = () => reject(new DOMException("a newer photograph came", "AbortError"));
    signal?.addEventListener("abort", () => sending.abort());
    const form = new FormData();
    form.append("file", blob, name);
    sending.send(form);
  });
}

export const imageState = (id, options) => json(imagePath(id), options);

export const forget = (id) => request(imagePath(id), { method: "DELETE", keepalive: true });

export const pixels = async (id, options) =>
  (await request(`${imagePath(id)}/pixels`, options)).blob();

export async function segment(id, prompt, policy, options) {
  const body = policy ? { prompts: [prompt], policy } : { prompts: [prompt] };
  const { answers } = await json(`${imagePath(id)}/segment`, { ...options, ...posted(body) });
  return answers[0];
}

export const formats = async () => (await json("v1/formats")).formats;

export const examples = async () => (await json("v1/examples")).examples;

/** How far the review of a run is: {count, done, next}; count 0 without one. */
export const review = () => json("v1/review");

export const reviewPlace = (place) => json(`v1/review/${place}`);

/** An image of the review as the text of a session file. */
export const reviewSession = async (place) => (await request(`v1/review/${place}/session`)).text();

export const correct = (place, objects) => request(`v1/review/${place}`, posted({ objects }));

export const limits = () => json("v1/limits");

export const example = async (name, options) =>
  (await request(`v1/examples/${encodeURIComponent(name)}`, options)).blob();

/** The exported file: {blob, name, lost}. */
export async function exported(body) {
  const response = await request("v1/export", posted(body));
  const name = nameIn(response.headers.get("Content-Disposition") ?? "") ?? `biprompt-${body.format}`;
  return { blob: await response.blob(), name, lost: response.headers.get("X-Lost") };
}

function nameIn(disposition) {
  const exact = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  return exact ? decodeURIComponent(exact) : /filename="([^"]+)"/.exec(disposition)?.[1];
}
