/** Input blocks: label, field, hint, and what is wrong with what was filled in. */

import { freshId, icon, make, setAttribute } from "./dom.js";
import { renderElement } from "./elements.js";
import { renderText } from "./mrkdwn.js";

const LABELLED_BY_FOR = new Set(["INPUT", "TEXTAREA", "SELECT"]);

export function inputBlock(block, context) {
  const place = { block, blockId: block.block_id, context, label: true };
  const { node, control } = renderElement(block.element, place);
  const labelId = freshId("label");
  const optional = block.optional && make("span", { class: "optional" }, " (optional)");
  const label = make("label", { class: "input-label text", id: labelId }, renderText(block.label, context), optional);
  const hint = block.hint && make("div", { class: "hint text", id: freshId("hint") }, renderText(block.hint, context));
  const box = make("div", { class: "input-block" }, label, node, hint);
  if (control) {
    connect(control, label, labelId);
    if (hint) control.setAttribute("aria-describedby", hint.id);
    if (!block.optional) control.setAttribute("aria-required", "true");
    if (control.getAttribute("role") === "group") control.removeAttribute("aria-required");
    if (block.element.focus_on_load) control.autofocus = true;
  }
  showError(box, context.errors?.[block.block_id]);
  return box;
}

function connect(control, label, labelId) {
  if (LABELLED_BY_FOR.has(control.tagName)) {
    control.id ||= freshId("field");
    label.htmlFor = control.id;
  } else {
    control.setAttribute("aria-labelledby", labelId);
    label.addEventListener("click", () => (control.querySelector("input") ?? control).focus());
  }
}

/** Say at the field what is wrong with it, or, with undefined, that nothing is. */
export function showError(box, words) {
  const before = box.querySelector(":scope > .field-error");
  if ((before?.dataset.words ?? undefined) === words) return;
  before?.remove();
  const control = box.querySelector("[data-action-id]");
  const others = (control?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== before?.id);
  box.classList.toggle("has-error", Boolean(words));
  if (words) {
    const error = make("div", { class: "field-error", id: freshId("error"), data: { words } }, icon("warning"), make("span", {}, words));
    box.append(error);
    others.unshift(error.id);
  }
  if (!control) return;
  setAttribute(control, "aria-invalid", words ? "true" : null);
  setAttribute(control, "aria-describedby", others.join(" ") || null);
}
