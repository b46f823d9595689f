/**
 * Waiting: for a server that is busy, and for a user who is still typing.
 */

/** Seconds until the next try where the server does not say. */
const FIRST_WAIT_S = 1;
const LONGEST_WAIT_S = 30;

/** Tries in a row after which a busy server is taken for one that stays so. */
const TRIES = 10;

/**
 * Return whether to ask again later may help.
 *
 * @param {{status?: number}} error
 * @returns {boolean}
 */
export function isBusy(error) {
  return error.status === 429 || error.status === 503;
}

/**
 * Return in how many seconds to ask again.
 *
 * @param {{retryAfterS?: number | null}} error
 * @param {number} tries Those that failed before in a row.
 * @returns {number}
 */
export function waitOf(error, tries) {
  return error.retryAfterS ?? Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** tries);
}

/**
 * Let the page do something else.
 *
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>} Rejected with the signal's reason where it is aborted.
 */
export async function breath(signal) {
  await pause(0);
  signal?.throwIfAborted();
}

/**
 * Wait, and tell every second how long it still takes.
 *
 * @param {number} seconds
 * @param {{signal?: AbortSignal, onTick?: (seconds: number) => void}} [options]
 * @returns {Promise<void>} Rejected with the signal's reason where it is aborted.
 */
export async function countdown(seconds, { signal, onTick = () => {} } = {}) {
  for (let left = seconds; left > 0; left -= 1) {
    onTick(Math.ceil(left));
    await pause(1000 * Math.min(1, left), signal);
  }
}

/**
 * Do something, again as often as the server is busy.
 *
 * @template T
 * @param {() => Promise<T>} run
 * @param {{signal?: AbortSignal, onWait?: (seconds: number, error: Error) => void}} [options]
 * @returns {Promise<T>}
 */
export async function patiently(run, { signal, onWait = () => {} } = {}) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || tries + 1 === TRIES) throw error;
      const onTick = (left) => onWait(left, error);
      await countdown(waitOf(error, tries), { signal, onTick });
    }
  }
}

/**
 * Asks about what is newest: after a pause in what is typed, one question at a time, and an answer
 * counts only if nothing newer has been wanted meanwhile.
 */
export class Latest {
  #turn = 0;
  #timer = 0;
  #running = false;
  #due = false;
  #wanted = null;

  /**
   * @param {(wanted: any) => Promise<any>} run
   * @param {object} told
   * @param {(answer: any) => void} told.onAnswer
   * @param {(error: Error) => void} told.onError
   * @param {(seconds: number, error: Error) => void} told.onWait While the server is busy.
   */
  constructor(run, { onAnswer, onError, onWait }) {
    Object.assign(this, { run, onAnswer, onError, onWait });
  }

  /**
   * Ask, unless something else is asked first.
   *
   * @param {any} wanted
   * @param {number} delayMs
   */
  ask(wanted, delayMs) {
    this.cancel();
    this.#wanted = wanted;
    this.#timer = setTimeout(() => {
      this.#due = true;
      if (!this.#running) this.#go();
    }, delayMs);
  }

  /** Want nothing any more. */
  cancel() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#due = false;
  }

  async #go() {
    this.#running = true;
    for (let tries = 0; this.#due; ) {
      this.#due = false;
      const turn = this.#turn;
      const isNewest = () => turn === this.#turn;
      try {
        const answer = await this.run(this.#wanted);
        tries = 0;
        if (isNewest()) this.onAnswer(answer);
      } catch (error) {
        if (isBusy(error) && tries + 1 < TRIES) {
          await countdown(waitOf(error, tries), {
            onTick: (left) => isNewest() && this.onWait(left, error),
          });
          tries += 1;
          if (isNewest()) this.#due = true;
        } else if (isNewest()) {
          this.onError(error);
        }
      }
    }
    this.#running = false;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
