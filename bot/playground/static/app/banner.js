// The calm line that says what this is.

import { h, icon } from "./dom.js";
import { themeSwitch } from "./theme.js";

export function banner(...more) {
  return h(
    "header",
    { class: "banner" },
    h(
      "p",
      { class: "banner-words", role: "note" },
      h("strong", {}, "Playground:"),
      " a local stand-in for Slack. Nothing here reaches Slack.",
    ),
    ...more.filter(Boolean),
    themeSwitch(),
  );
}

export function besideLink(address, label) {
  return h(
    "a",
    { class: "banner-link", href: address, data: { testid: "side-by-side" } },
    icon("beside", 16),
    label,
  );
}
