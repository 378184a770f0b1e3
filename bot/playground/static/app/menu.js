// Menus that open at a button: arrows move, Enter chooses, Esc closes and gives the focus back.

import { h, icon } from "./dom.js";

let current = null;

export function closeMenu() {
  current?.close();
}

/** Entries: {label, detail?, icon?, danger?, testid?, run()} or null for a line. */
export function openMenu(anchor, entries, { label, testid, className = "" }) {
  const items = entries.map((entry) =>
    entry ? item(entry) : h("div", { class: "menu-line", role: "separator" }),
  );
  const menu = h(
    "div",
    { class: `popup-menu ${className}`, role: "menu", "aria-label": label, data: { testid } },
    items,
  );
  show(
    anchor,
    menu,
    items.filter((one) => one.matches("[role=menuitem]")),
  );
  return menu;
}

function item({ label, detail, icon: name, danger, testid, run }) {
  const words = h(
    "span",
    { class: "menu-words" },
    h("span", {}, label),
    detail ? h("span", { class: "menu-detail" }, detail) : null,
  );
  return h(
    "button",
    {
      type: "button",
      role: "menuitem",
      tabindex: "-1",
      class: `popup-item ${danger ? "is-danger" : ""}`,
      data: { testid },
      on: {
        click: () => {
          closeMenu();
          run();
        },
      },
    },
    name ? icon(name, 16) : null,
    words,
  );
}

/** Any popup whose `items` are walked with the arrow keys. */
export function show(anchor, popup, items, { columns = 1 } = {}) {
  const wasOpen = current?.anchor === anchor;
  closeMenu();
  if (wasOpen) return;
  (anchor.closest("dialog") ?? document.body).append(popup);
  place(anchor, popup);
  anchor.setAttribute("aria-expanded", "true");
  const outside = (event) => {
    if (!popup.contains(event.target) && !anchor.contains(event.target)) close({ focus: false });
  };
  function close({ focus = true } = {}) {
    document.removeEventListener("pointerdown", outside, true);
    popup.remove();
    anchor.setAttribute("aria-expanded", "false");
    current = null;
    if (focus && anchor.isConnected) anchor.focus({ preventScroll: true });
  }
  popup.addEventListener("keydown", (event) => walk(event, items, columns, close));
  document.addEventListener("pointerdown", outside, true);
  current = { anchor, close };
  items[0]?.focus();
}

function walk(event, items, columns, close) {
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: 1, ArrowLeft: -1 };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key in steps) {
    event.preventDefault();
    items[(at + steps[event.key] + items.length) % items.length]?.focus();
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    items.at(event.key === "Home" ? 0 : -1).focus();
  }
}

/** Above or below the anchor, wherever there is room; never outside the window. */
function place(anchor, popup) {
  const around = anchor.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const below = around.bottom + 4 + height < window.innerHeight;
  const top = below ? around.bottom + 4 : Math.max(8, around.top - height - 4);
  const left = Math.max(8, Math.min(around.left, window.innerWidth - width - 8));
  popup.style.top = `${top}px`;
  popup.style.left = `${left}px`;
}
