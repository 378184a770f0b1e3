// Short words about what went wrong (or well), read aloud at once, gone after a while.

import { h, iconButton } from "./dom.js";

const STAYS_MS = 12_000;
const MOST = 3;

const container = h("div", { class: "toasts", id: "toasts" });

/** Say something. `kind` is "problem" or "news". In front of any open dialog, where it can be heard. */
export function toast(message, kind = "problem") {
  const dialogs = document.querySelectorAll("dialog[open]");
  (dialogs.length ? dialogs[dialogs.length - 1] : document.body).append(container);
  const shown = h(
    "div",
    { class: `toast ${kind}`, role: kind === "problem" ? "alert" : "status", data: { testid: "toast" } },
    h("p", {}, message),
    iconButton("close", "Dismiss", () => shown.remove()),
  );
  container.append(shown);
  while (container.children.length > MOST) container.firstChild.remove();
  let timer = setTimeout(() => shown.remove(), STAYS_MS);
  shown.addEventListener("mouseenter", () => clearTimeout(timer));
  shown.addEventListener("mouseleave", () => (timer = setTimeout(() => shown.remove(), STAYS_MS)));
}

/** Words that were meant for somebody else. */
export function clearToasts() {
  container.replaceChildren();
}

/** Keep the words in sight when the dialog that held them goes. */
export function rescueToasts() {
  if (container.childElementCount) document.body.append(container);
}
