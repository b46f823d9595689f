/**
 * Light, dark, or as the system has it. The file boot.js sets what was kept before anything is
 * drawn.
 */

const KEPT = "emoconv-theme";

/**
 * Let three radio buttons choose the theme.
 *
 * @param {HTMLFieldSetElement} fieldset
 */
export function themeSwitch(fieldset) {
  const current = document.documentElement.dataset.theme ?? "auto";
  for (const radio of fieldset.querySelectorAll("input")) {
    radio.checked = radio.value === current;
    radio.addEventListener("change", () => choose(radio.value));
  }
}

function choose(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEPT, theme);
  } catch {
    // storage is switched off: the choice lives as long as the page
  }
}
