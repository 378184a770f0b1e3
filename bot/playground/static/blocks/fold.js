/** Long texts are folded, with "Show more" below, as Slack does. */

import { freshId, make } from "./dom.js";

/** The content, folded when it has more characters or lines than `limits` says. */
export function foldable(content, { characters = 700, lines = 12 } = {}) {
  const text = content.textContent;
  if (text.length <= characters && text.split("\n").length <= lines) return content;
  const id = freshId("folded");
  content.id = id;
  const button = make("button", { type: "button", class: "show-more", "aria-expanded": "false", "aria-controls": id });
  const box = make("div", { class: "fold folded" }, content, button);
  box.style.setProperty("--fold-lines", String(Math.min(lines, 16)));
  const draw = (open) => {
    box.classList.toggle("folded", !open);
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Show less" : "Show more";
  };
  button.addEventListener("click", () => draw(box.classList.contains("folded")));
  draw(false);
  return box;
}
