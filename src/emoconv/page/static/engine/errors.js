/** What can go wrong, as the classes that a caller tells apart. */

/** The files of a model are not a whole bundle that this engine reads. */
export class BundleError extends Error {
  /** @param {string} message What was found, where, what was expected, what to do. */
  constructor(message) {
    super(message);
    this.name = "BundleError";
    this.slug = "bundle";
  }
}

/** A request is not what it should be; over HTTP the answer would be 422. */
export class DetectError extends Error {
  /**
   * @param {string} pointer Where in the request, as a JSON pointer (RFC 6901); "" for all of it.
   * @param {string} detail What was found, what was expected.
   */
  constructor(pointer, detail) {
    super(`${pointer || "request"}: ${detail}`);
    this.name = "DetectError";
    this.slug = "invalid";
    this.detail = detail;
    this.pointer = pointer;
  }
}
