/**
 * What is said to who does not see the page: politely, and only once nothing changes any more.
 */

const QUIET_MS = 900;

let timer = 0;

/**
 * Say something when it has been quiet for a moment; what was to be said before is dropped.
 *
 * @param {HTMLElement} region A live region.
 * @param {string} message
 */
export function announce(region, message) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (region.textContent !== message) region.textContent = message;
  }, QUIET_MS);
}
