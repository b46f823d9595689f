/**
 * Elements. Texts become text nodes and never HTML, and sizes are set through the CSSOM, which a
 * content security policy without inline styles allows.
 */

/**
 * Return a new element.
 *
 * @param {string} name
 * @param {Record<string, any>} [attributes] `on` holds listeners by event; null and false leave an
 *   attribute out, true gives it no value.
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * Return a new element of SVG.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * Return the element of an id, which is there.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element of id ${id}`);
  return element;
}

/**
 * Set the length of a bar.
 *
 * @param {HTMLElement} element
 * @param {string} property A custom property of the style sheet.
 * @param {number} share In [0, 1].
 */
export function setShare(element, property, share) {
  element.style.setProperty(property, `${(100 * share).toFixed(2)}%`);
}

/**
 * Let arrow keys, Home and End move among elements of which one is in the tab order.
 *
 * @param {HTMLElement} container
 * @param {() => HTMLElement[]} items
 * @param {(item: HTMLElement) => void} [onMove] Told which has the focus now.
 */
export function roving(container, items, onMove = () => {}) {
  container.addEventListener("keydown", (event) => {
    const all = items();
    const place = all.indexOf(document.activeElement);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = all.length - 1;
    const next = {
      ArrowRight: Math.min(place + 1, last),
      ArrowDown: Math.min(place + 1, last),
      ArrowLeft: Math.max(place - 1, 0),
      ArrowUp: Math.max(place - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[place].tabIndex = -1;
    all[next].tabIndex = 0;
    all[next].focus();
    onMove(all[next]);
  });
}
