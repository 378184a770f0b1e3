// Editing one's own message where it stands: Enter saves, Esc leaves it as it was.

import { h } from "./dom.js";
import { fromSource, toSource } from "./mentions.js";

export function editInPlace(session, list, message) {
  const element = list.rows.get(message.ts)?.element;
  if (!element || element.classList.contains("editing")) return;
  const { text, picks } = fromSource(session.store, message.text);
  const field = h("textarea", { class: "edit-field", "aria-label": "Edit message", data: { testid: "edit-field" }, rows: "2" });
  field.value = text;
  const end = () => {
    list.redrawRow(message.ts);
    session.focusComposer(list.inThread);
  };
  const save = async () => {
    const written = field.value.trim();
    if (!written) return;
    const changed = written !== text;
    if (changed && !(await session.attempt("edit", { channel: message.channel, ts: message.ts, text: toSource(written, picks), mentions: true }))) return;
    end();
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") end();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  });
  const buttons = h(
    "div",
    { class: "edit-buttons" },
    h("button", { type: "button", class: "button", on: { click: end } }, "Cancel"),
    h("button", { type: "button", class: "button primary", on: { click: save } }, "Save"),
  );
  element.classList.add("editing");
  element.querySelector(".message-tools")?.remove();
  element.querySelector(".message-main").replaceChildren(field, buttons);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
