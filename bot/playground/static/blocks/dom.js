/** Making DOM from data. Text only ever enters as text: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";
let made = 0;

/** An id that no other element of the page has; `what` says what it is for. */
export function freshId(what) {
  made += 1;
  return `${what}-${made}`;
}

/**
 * An element. Properties: `class`, `data` (an object of data- attributes), `on` (event listeners), anything
 * else is an attribute; true sets it empty; false, null and undefined leave it out. Children are nodes or
 * strings; null, undefined and false are left out.
 */
export function make(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function makeSvg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, { class: classes, data = {}, on = {}, ...attributes }, children) {
  if (classes) element.setAttribute("class", classes);
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined && value !== null) element.dataset[name] = value;
  }
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

export function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
}

/** Words for screen readers alone. */
export function unseen(text) {
  return make("span", { class: "unseen" }, text);
}

/** An icon of the page's own: a path on a 20 by 20 field, drawn in the colour of the text around it. */
export function icon(name) {
  return makeSvg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 20 20", width: 16, height: 16, "aria-hidden": "true" },
    ...ICONS[name].map((d) => makeSvg("path", { d })),
  );
}

const ICONS = {
  chevron: ["M5 7.5 10 12.5 15 7.5"],
  right: ["M7.5 5 12.5 10 7.5 15"],
  left: ["M12.5 5 7.5 10 12.5 15"],
  close: ["M5 5 15 15", "M15 5 5 15"],
  check: ["M4 10.5 8.5 15 16 5.5"],
  more: ["M4.5 10h.01", "M10 10h.01", "M15.5 10h.01"],
  up: ["M10 15V5", "M5.5 9.5 10 5l4.5 4.5"],
  down: ["M10 5v10", "M5.5 10.5 10 15l4.5-4.5"],
  sort: ["M6.5 8 10 4.5 13.5 8", "M6.5 12 10 15.5 13.5 12"],
  file: ["M5 2.5h6l4 4v11H5z", "M11 2.5v4h4"],
  play: ["M7 4.5v11l9-5.5z"],
  waiting: ["M10 3a7 7 0 1 0 .01 0"],
  error: ["M10 3a7 7 0 1 0 .01 0", "M10 6.5v4.5", "M10 13.7h.01"],
  info: ["M10 3a7 7 0 1 0 .01 0", "M10 9v4.5", "M10 6.3h.01"],
  warning: ["M10 3 18 16.5H2z", "M10 8v4", "M10 14.2h.01"],
  thumbup: ["M3 9h3v8H3z", "M6 9l4-6.5c1.5 0 2 1 2 2V8h4.5l-1.5 9H6"],
  thumbdown: ["M3 3h3v8H3z", "M6 11l4 6.5c1.5 0 2-1 2-2V12h4.5L15 3H6"],
  trash: ["M4 5.5h12", "M8 5.5v-2h4v2", "M5.5 5.5l1 11.5h7l1-11.5"],
};
