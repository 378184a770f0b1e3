// Icons, pictures of people, and the one way elements are made: text only ever enters as text.

import { make as h } from "../blocks/dom.js";

export { h };

const PATHS = {
  app: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  attach:
    "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  back: "M15 5l-7 7 7 7",
  beside: "M4 5h16v14H4zM12 5v14",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  close: "M6 6l12 12M18 6L6 18",
  cloud: "M7 18a4 4 0 0 1-.6-8A6 6 0 0 1 18 9.5 4.3 4.3 0 0 1 17 18zM10 21l1-2M14 21l1-2",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  help: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.600 9.400a2.500 2.500 0 1 1 3.600 2.300c-.800.500-1.200 1-1.200 1.800M12 16.800h.01",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M3.500 15h16",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  menu: "M4 7h16M4 12h16M4 17h16",
  moon: "M20 14.500A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.500 4.500",
  send: "M4 12L4 4l17 8-17 8V12zM4 12h8",
  smile: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8 14c1.800 3 6.200 3 8 0M9 9.500h.01M15 9.500h.01",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  thread: "M4 5h16v11H11l-4 4v-4H4zM8 9h8M8 12h5",
  traffic: "M4 8h13l-3-3M20 16H7l3 3",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
};

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing of 24 by 24; hidden from screen readers, so its button needs a label. */
export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    class: "glyph",
    "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon alone; `label` is its name and its tooltip. */
export function iconButton(name, label, click, properties = {}) {
  const { class: more = "", on = {}, ...rest } = properties;
  const attributes = { type: "button", class: `icon-button ${more}`, title: label, "aria-label": label };
  return h("button", { ...attributes, ...rest, on: { click, ...on } }, icon(name));
}

/** The first letters of a name on a colour of its own: pictures of people are not needed here. */
export function avatar(person, size = "") {
  const name = person?.real_name || person?.name || "?";
  const tone = person?.is_bot ? "bot" : `tone-${name.codePointAt(0) % 6}`;
  return h(
    "span",
    { class: `avatar ${tone} ${size}`, "aria-hidden": "true" },
    person?.is_bot ? icon("app", 16) : name.slice(0, 1).toUpperCase(),
  );
}

export function clear(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
  return element;
}
