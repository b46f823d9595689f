/**
 * The clipboard, also where the page is not served over HTTPS and browsers keep the new one closed.
 */

/**
 * Copy a text.
 *
 * @param {string} text
 * @returns {Promise<boolean>} Whether it worked.
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "hidden";
  field.setAttribute("aria-hidden", "true");
  field.value = text;
  document.body.append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return worked;
}
