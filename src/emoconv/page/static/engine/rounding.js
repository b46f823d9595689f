/** Numbers as the API writes them: rounded as Python rounds. */

/**
 * Round a number to some decimals; of two as near to the even one, as Python's `round` does.
 *
 * @param {number} number Below 1e21.
 * @param {number} digits
 * @returns {number}
 */
export function round(number, digits) {
  const size = Math.abs(number);
  let rounded = Number(size.toFixed(digits)); // exact, but of two as near it takes the larger
  // Half a unit of the last decimal is an odd multiple of 2 ** -(digits + 1), and exact.
  const halves = size * 2 ** (digits + 1);
  if (Number.isInteger(halves) && halves % 2 === 1) {
    const below = Math.floor(size * 10 ** digits);
    rounded = Number(`${below % 2 ? below + 1 : below}e-${digits}`);
  }
  return number < 0 ? -rounded : rounded;
}
