/** Fields to type into: text, number, e-mail, address; and the pickers of dates and times. */

import { act, choose, controlData, idsOf, startingValue } from "./acting.js";
import { make, setAttribute } from "./dom.js";
import { wordsOf } from "./mrkdwn.js";
import { keepsState } from "./state.js";

const DISPATCH_DEBOUNCE_MS = 300;
const MOST_CHARACTERS = 3000;

export function plainTextInput(element, place) {
  const tag = element.multiline ? "textarea" : "input";
  const control = make(tag, { type: element.multiline ? null : "text", rows: element.multiline ? 4 : null });
  const made = typed(element, place, control);
  return { ...made, node: withCounter(control, element.max_length ?? MOST_CHARACTERS) };
}

/** As in Slack one can type on beyond the limit; near it a number says how many characters are left. */
function withCounter(control, most) {
  const counter = make("span", { class: "counter", role: "status" });
  const draw = () => {
    const left = most - control.value.length;
    counter.textContent = left <= Math.min(50, most / 5) ? String(left) : "";
    counter.classList.toggle("over", left < 0);
    if (left < 0) counter.setAttribute("aria-label", `${-left} characters too many`);
    else counter.removeAttribute("aria-label");
  };
  control.addEventListener("input", draw);
  draw();
  return make("div", { class: "counted" }, control, counter);
}

export function numberInput(element, place) {
  const control = make("input", {
    type: "text",
    inputmode: element.is_decimal_allowed ? "decimal" : "numeric",
    data: { least: element.min_value, most: element.max_value },
  });
  return typed(element, place, control);
}

export function emailInput(element, place) {
  return typed(element, place, make("input", { type: "email", autocomplete: "off" }));
}

export function urlInput(element, place) {
  return typed(element, place, make("input", { type: "url", autocomplete: "off" }));
}

function typed(element, place, control) {
  control.classList.add("field");
  Object.assign(control.dataset, controlData(element));
  setAttribute(control, "placeholder", wordsOf(element.placeholder) || null);
  if (!place.label) setAttribute(control, "aria-label", wordsOf(element.placeholder) || "Text");
  control.value = startingValue(element, place, "value", "initial_value") ?? "";
  keepsState(control, () => ({ value: control.value === "" ? null : control.value }));
  listen(element, place, control);
  return { node: control, control };
}

/** Typing is told to the view's state; with `dispatch_action` to the app, at the moments its config names. */
function listen(element, place, control) {
  const value = () => (control.value === "" ? null : control.value);
  const moments = place.block.dispatch_action
    ? (element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"])
    : [];
  let timer = null;
  const send = () => {
    clearTimeout(timer);
    timer = null;
    return act(element, place, value(), control);
  };
  control.addEventListener("input", () => {
    if (!moments.includes("on_character_entered")) {
      place.context.changed({ ...idsOf(element, place), value: value() });
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(send, DISPATCH_DEBOUNCE_MS);
  });
  control.addEventListener("blur", () => timer !== null && send());
  control.addEventListener("keydown", (event) => {
    const enter = event.key === "Enter" && !event.isComposing && !(element.multiline && !event.ctrlKey && !event.metaKey);
    if (enter && moments.includes("on_enter_pressed")) {
      event.preventDefault();
      send();
    }
  });
}

export function datePicker(element, place) {
  return picker(element, place, "date", ["selected_date", "initial_date"]);
}

export function timePicker(element, place) {
  return picker(element, place, "time", ["selected_time", "initial_time"]);
}

function picker(element, place, type, [stateName, initialName]) {
  const control = make("input", { type, class: "field picker", data: controlData(element) });
  const label = wordsOf(element.placeholder) || (type === "date" ? "Select a date" : "Select a time");
  if (!place.label) control.setAttribute("aria-label", label);
  control.title = label;
  control.value = startingValue(element, place, stateName, initialName) ?? "";
  let before = control.value;
  keepsState(control, () => ({ [stateName]: control.value || null }));
  control.addEventListener("change", async () => {
    if (control.value === before) return;
    if (await choose(element, place, control.value || null, control)) before = control.value;
    else control.value = before;
  });
  const zone = type === "time" && element.timezone ? make("span", { class: "timezone" }, element.timezone) : null;
  return { node: zone ? make("span", { class: "picker-group" }, control, zone) : control, control };
}

/** A moment as two native pickers; its value is seconds since 1970, in the reader's own time zone. */
export function dateTimePicker(element, place) {
  const date = make("input", { type: "date", class: "field picker", "aria-label": "Date" });
  const time = make("input", { type: "time", class: "field picker", "aria-label": "Time" });
  const control = make("span", { class: "picker-group", role: "group", data: { ...controlData(element), keep: "" } }, date, time);
  if (!place.label) control.setAttribute("aria-label", "Date and time");
  const start = startingValue(element, place, "selected_date_time", "initial_date_time");
  const show = (seconds) => {
    const at = seconds ? new Date(seconds * 1000) : null;
    const local = at && new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
    date.value = local ? local.slice(0, 10) : "";
    time.value = local ? local.slice(11, 16) : "";
  };
  const seconds = () => {
    const at = new Date(`${date.value}T${time.value || "00:00"}`);
    return Number.isNaN(at.getTime()) ? null : Math.round(at.getTime() / 1000);
  };
  let before = start ?? null;
  show(before);
  keepsState(control, () => ({ selected_date_time: seconds() }));
  control.addEventListener("change", async () => {
    const now = seconds();
    if (now === before || (now === null && (date.value || time.value))) return;
    if (await choose(element, place, now, control)) before = now;
    else show(before);
  });
  return { node: control, control, isGroup: true };
}
