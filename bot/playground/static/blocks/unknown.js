/** What the playground does not know is shown as a labelled box with its JSON, never as nothing. */

import { make } from "./dom.js";

export function unknown(what, value) {
  return box(`${what} “${value?.type ?? typeof value}” is not known to the playground`, value);
}

/** A block of a known type that could not be drawn, because its content is not what it should be. */
export function broken(what, value, error) {
  return box(`${what} “${value?.type}” could not be shown: ${error.message}`, value);
}

function box(words, value) {
  const json = make("pre", { class: "unknown-json", tabindex: "0" }, JSON.stringify(value, null, 2) ?? String(value));
  return make(
    "div",
    { class: "unknown", role: "note" },
    make("span", { class: "unknown-words" }, words),
    make("details", {}, make("summary", {}, "Show its JSON"), json),
  );
}
