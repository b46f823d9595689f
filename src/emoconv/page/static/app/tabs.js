/**
 * Tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/): arrows choose, each shows its panel.
 */

import { byId, roving } from "./dom.js";

/**
 * Make a list of tabs work.
 *
 * @param {HTMLElement} list
 */
export function tabs(list) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = (chosen) => {
    for (const tab of all) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  roving(list, () => all, choose);
}
