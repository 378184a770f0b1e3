// For screen readers: what comes, said once. Cards that change every few seconds are not read again.

import { h } from "./dom.js";

const LONGEST = 240;
const region = h("div", {
  class: "unseen",
  role: "status",
  "aria-live": "polite",
  data: { testid: "announcer" },
});

export function announce(words) {
  if (!region.isConnected) document.body.append(region);
  const text = words.replace(/\s+/g, " ").trim();
  region.textContent = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
