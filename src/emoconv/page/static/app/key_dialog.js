/**
 * The dialog that asks for an API key.
 */

import { byId } from "./dom.js";

/**
 * Ask for a key.
 *
 * @param {boolean} refused Whether the last one was not the right one.
 * @returns {Promise<string | null>} Null where the user gives none.
 */
export function askKey(refused) {
  const dialog = byId("key-dialog");
  const field = byId("key");
  const message = byId("key-refused");
  message.hidden = !refused;
  field.value = "";
  field.setAttribute("aria-invalid", String(refused));
  return new Promise((resolve) => {
    const form = byId("key-form");
    const finish = (key) => {
      form.removeEventListener("submit", onSubmit);
      dialog.removeEventListener("close", onClose);
      byId("key-cancel").removeEventListener("click", onCancel);
      dialog.close();
      resolve(key);
    };
    const onSubmit = (event) => {
      event.preventDefault();
      const key = field.value.trim();
      if (/^[!-~]+$/.test(key)) finish(key);
      else message.hidden = false; // a header cannot hold it, so it is no key
    };
    const onClose = () => finish(null); // by the key Escape
    const onCancel = () => finish(null);
    form.addEventListener("submit", onSubmit);
    dialog.addEventListener("close", onClose);
    byId("key-cancel").addEventListener("click", onCancel);
    dialog.showModal();
    field.focus();
  });
}
