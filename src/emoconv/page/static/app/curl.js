/**
 * A request as a command for a shell.
 */

/**
 * Return a string as one word of a POSIX shell (2.2.2 Single-Quotes): nothing in single quotes is
 * special, and a single quote leaves them for a moment.
 *
 * @param {string} text
 * @returns {string}
 */
export function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Return the command that asks what this page asked.
 *
 * The key itself stays out of it: the shell's variable EMOCONV_API_KEY stands for it.
 *
 * @param {string} url Of the end point.
 * @param {object} request The body.
 * @param {{withKey: boolean}} options Whether the server wants a key.
 * @returns {string}
 */
export function curlCommand(url, request, { withKey }) {
  const key = withKey ? ' \\\n  -H "Authorization: Bearer $EMOCONV_API_KEY"' : "";
  const body = shellQuoted(JSON.stringify(request));
  return (
    `curl -sS ${shellQuoted(url)}${key} \\\n` +
    `  -H 'Content-Type: application/json' \\\n  --data-binary ${body}`
  );
}
