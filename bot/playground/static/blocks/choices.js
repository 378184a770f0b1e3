/** Radio buttons and checkboxes. */

import { choose, controlData, startingValue } from "./acting.js";
import { freshId, make } from "./dom.js";
import { renderText } from "./mrkdwn.js";
import { keepsState } from "./state.js";

export function radioButtons(element, place) {
  const start = startingValue(element, place, "selected_option", "initial_option");
  const control = group(element, place, "radio", start ? [start.value] : []);
  keepsState(control, () => ({ selected_option: checked(control, element)[0] ?? null }));
  return { node: control, control, isGroup: true };
}

export function checkboxes(element, place) {
  const start = startingValue(element, place, "selected_options", "initial_options") ?? [];
  const control = group(element, place, "checkbox", start.map((option) => option.value));
  keepsState(control, () => ({ selected_options: checked(control, element) }));
  return { node: control, control, isGroup: true };
}

function group(element, place, kind, chosen) {
  const name = freshId(kind);
  const label = place.label ? {} : { "aria-label": kind === "radio" ? "Choose one" : "Choose any" };
  const control = make("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", data: controlData(element), ...label });
  let before = chosen;
  const changed = async () => {
    const now = checked(control, element).map((option) => option.value);
    if (await choose(element, place, kind === "radio" ? (now[0] ?? null) : now, control)) before = now;
    else for (const input of control.querySelectorAll("input")) input.checked = before.includes(input.value);
  };
  for (const option of element.options ?? []) {
    const input = make("input", { type: kind, name, value: option.value });
    input.checked = chosen.includes(option.value);
    input.addEventListener("change", changed);
    const words = make("span", { class: "choice-words" }, make("span", { class: "text" }, renderText(option.text, place.context)));
    if (option.description) {
      const id = freshId("description");
      input.setAttribute("aria-describedby", id);
      words.append(make("span", { class: "choice-description text", id }, renderText(option.description, place.context)));
    }
    control.append(make("label", { class: "choice" }, input, words));
  }
  return control;
}

function checked(control, element) {
  const values = [...control.querySelectorAll("input:checked")].map((input) => input.value);
  return (element.options ?? []).filter((option) => values.includes(option.value));
}
