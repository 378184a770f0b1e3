// The reactions that are offered.

import { h } from "./dom.js";
import { show, closeMenu } from "./menu.js";
import { emojiFor } from "../blocks/emoji.js";

export const OFFERED = [
  "+1",
  "-1",
  "eyes",
  "white_check_mark",
  "tada",
  "heart",
  "rocket",
  "thinking_face",
  "joy",
  "pray",
  "fire",
  "100",
  "warning",
  "x",
  "hourglass_flowing_sand",
  "wave",
];
const COLUMNS = 8;

export function pickEmoji(anchor, chosen) {
  const items = OFFERED.map((name) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        class: "emoji-choice",
        title: `:${name}:`,
        "aria-label": name.replaceAll("_", " "),
        on: {
          click: () => {
            closeMenu();
            chosen(name);
          },
        },
      },
      emojiFor(name) ?? `:${name}:`,
    ),
  );
  const popup = h(
    "div",
    {
      class: "popup-menu emoji-picker",
      role: "menu",
      "aria-label": "Reactions",
      data: { testid: "emoji-picker" },
    },
    items,
  );
  show(anchor, popup, items, { columns: COLUMNS });
}
