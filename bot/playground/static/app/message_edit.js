// Editing one's own message where it stands: Enter saves, Esc leaves it as it was.

import { h } from "./dom.js";
import { fromSource, toSource } from "./mentions.js";

export function editInPlace(session, list, message) {
  const element = list.rows.get(message.ts)?.element;
  if (!element || element.classList.contains("editing")) return;
  const { text, picks } = fromSource(session.store, message.text);
  const end = () => {
    list.redrawRow(message.ts);
    session.focusComposer(list.inThread);
  };
  const save = async () => {
    const written = field.value.trim();
    if (!written) return;
    const body = { channel: message.channel, ts: message.ts, text: toSource(written, picks), mentions: true };
    if (written === text || (await session.attempt("edit", body))) end();
  };
  const field = fieldWith(text, { save, end });
  const cancel = h("button", { type: "button", class: "button", on: { click: end } }, "Cancel");
  const ok = h("button", { type: "button", class: "button primary", on: { click: save } }, "Save");
  element.classList.add("editing");
  element.querySelector(".message-tools")?.remove();
  element
    .querySelector(".message-main")
    .replaceChildren(field, h("div", { class: "edit-buttons" }, cancel, ok));
  field.focus();
  field.setSelectionRange(text.length, text.length);
}

/** The newest message of one's own; false when there is none. */
export function editLast(session, list) {
  const mine = list.timeline.items.findLast(
    (one) => one.user === session.me && !one.bot_id && !one.ephemeral,
  );
  if (!mine) return false;
  editInPlace(session, list, mine);
  return true;
}

function fieldWith(text, { save, end }) {
  const naming = { "aria-label": "Edit message", data: { testid: "edit-field" } };
  const field = h("textarea", { class: "edit-field", rows: "2", ...naming });
  field.value = text;
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") end();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  });
  return field;
}
