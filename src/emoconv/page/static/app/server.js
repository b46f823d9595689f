/**
 * The server as who answers. Addresses are relative to the page, so that it may live below a path.
 */

const KEY = "emoconv-api-key";

/** Why there is no answer, in the words of the API. */
export class ApiError extends Error {
  /**
   * @param {object} problem
   * @param {string} problem.slug The kind of problem.
   * @param {string} problem.detail
   * @param {number} [problem.status] Of HTTP; 0 where there was no answer.
   * @param {number | null} [problem.retryAfterS]
   */
  constructor({ slug, detail, status = 0, retryAfterS = null }) {
    super(detail);
    this.name = "ApiError";
    Object.assign(this, { slug, status, retryAfterS });
  }
}

/** Asks over HTTP. */
export class ServerBackend {
  mode = "server";
  #key = readKey();
  #asking = null;

  /**
   * @param {string} base The page's own address.
   * @param {(refused: boolean) => Promise<string | null>} askKey
   */
  constructor(base, askKey) {
    this.base = base;
    this.askKey = askKey;
  }

  /** The address of POST /v1/detect. */
  get detectUrl() {
    return new URL("v1/detect", this.base).href;
  }

  /** Whether the server wanted a key. */
  get hasKey() {
    return this.#key !== null;
  }

  /** @returns {Promise<object>} */
  async model() {
    return this.#ask("v1/model", {});
  }

  /**
   * @param {object} request
   * @param {AbortSignal} [signal]
   * @returns {Promise<object>}
   */
  async detect(request, signal) {
    return this.#ask("v1/detect", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      signal,
    });
  }

  async #ask(path, options) {
    for (;;) {
      const key = this.#key;
      const response = await this.#fetch(path, options, key);
      if (response.ok) return bodyOf(response);
      const error = await problemOf(response);
      if (error.status !== 401) throw error;
      // Another question may have got a key meanwhile; if not, all that wait share one dialog.
      if (this.#key === key) await this.#renewKey(error);
    }
  }

  async #renewKey(error) {
    this.#asking ??= this.askKey(this.#key !== null).finally(() => {
      this.#asking = null;
    });
    const key = await this.#asking;
    if (key === null) throw error;
    this.#key = key;
    keepKey(key);
  }

  async #fetch(path, options, key) {
    const headers = { ...options.headers };
    if (key !== null) headers.Authorization = `Bearer ${key}`;
    try {
      return await fetch(new URL(path, this.base), {
        ...options,
        headers,
        cache: "no-store",
        credentials: "same-origin",
      });
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (!(error instanceof TypeError)) throw error;
      const detail = "The server does not answer. Is it still running?";
      throw new ApiError({ slug: "unreachable", detail });
    }
  }
}

async function bodyOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const detail = "The answer of the server was cut off.";
    throw new ApiError({ slug: "cut-off", detail });
  }
}

async function problemOf(response) {
  const { status } = response;
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    problem = {}; // of a proxy, say, in HTML
  }
  return new ApiError({
    slug: String(problem.type ?? "").split(":").pop(),
    detail: problem.detail ?? `The server answered with status ${status}.`,
    status,
    retryAfterS: secondsOf(response.headers.get("Retry-After")),
  });
}

/**
 * Return the seconds that a header Retry-After asks for: a number of them or a date (RFC 9110,
 * section 10.2.3).
 *
 * @param {string | null} header
 * @param {number} [now] In milliseconds.
 * @returns {number | null}
 */
export function secondsOf(header, now = Date.now()) {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

function readKey() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off: the key lives as long as the page
  }
}

function keepKey(key) {
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // as above
  }
}
