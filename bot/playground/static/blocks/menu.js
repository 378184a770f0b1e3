/** A menu under a button: arrow keys, Home, End, first letters, Enter, Esc. */

import { make } from "./dom.js";
import { renderText, wordsOf } from "./mrkdwn.js";
import { attend, hidePopup, showPopup } from "./popup.js";

/** Open a menu of options ({text, value, description}); `pick` gets the chosen one. A second call closes it. */
export function openMenu(button, holder, options, pick) {
  const open = holder.querySelector(":scope > .menu");
  if (open) return open.closeMenu();
  const items = options.map((option) =>
    make(
      "button",
      { type: "button", class: "menu-item", role: "menuitem", tabindex: "-1" },
      make("span", { class: "text" }, renderText(option.text, {})),
      option.description && make("span", { class: "option-description" }, renderText(option.description, {})),
    ),
  );
  const menu = make("div", { class: "menu popup", popover: "manual", role: "menu" }, ...items);
  let isOpen = true;
  const close = (refocus = true) => {
    if (!isOpen) return;
    isOpen = false; // moving the focus calls this again
    stop();
    if (refocus) button.focus();
    hidePopup(menu);
    menu.remove();
    button.setAttribute("aria-expanded", "false");
  };
  menu.closeMenu = close;
  items.forEach((item, index) =>
    item.addEventListener("click", () => {
      close();
      pick(options[index]);
    }),
  );
  menu.addEventListener("keydown", (event) => onKey(event, items, options, close));
  menu.addEventListener("focusout", (event) => {
    if (!holder.contains(event.relatedTarget)) close(false);
  });
  holder.append(menu);
  showPopup(menu, button, { width: "content" });
  const stop = attend(menu, button, { inside: holder, width: "content", close: () => close(false) });
  button.setAttribute("aria-expanded", "true");
  items[0]?.focus();
  return undefined;
}

function onKey(event, items, options, close) {
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key in moves) items.at(moves[event.key] % items.length).focus();
  else if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (/^\S$/.test(event.key)) {
    const starts = (index) => wordsOf(options[index].text).toLowerCase().startsWith(event.key.toLowerCase());
    const order = items.map((_, step) => (at + 1 + step) % items.length);
    const found = order.find(starts);
    if (found !== undefined) items[found].focus();
  } else return;
  if (event.key === "Tab") return;
  event.preventDefault();
  event.stopPropagation();
}
