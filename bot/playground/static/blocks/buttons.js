/** Buttons of every kind, and the overflow menu. */

import { act, controlData } from "./acting.js";
import { append, icon, make, unseen } from "./dom.js";
import { openMenu } from "./menu.js";
import { renderText, wordsOf } from "./mrkdwn.js";
import { safeLink } from "./safe.js";

export function button(element, place) {
  const style = ["primary", "danger"].includes(element.style) ? ` block-button-${element.style}` : "";
  const control = make(
    "button",
    {
      type: "button",
      class: `block-button${style}`,
      data: controlData(element),
      "aria-label": element.accessibility_label,
    },
    renderText(element.text, place.context),
  );
  control.addEventListener("click", () => press(element, place, element.value ?? null, control));
  return control;
}

/** A press while the one before is under way is not sent a second time. */
async function press(element, place, value, control, confirm = element.confirm) {
  if (control.getAttribute("aria-busy") === "true") return;
  const url = element.url && safeLink(element.url);
  if ((await act(element, place, value, control, confirm)) && url) place.context.openLink?.(url);
}

export function workflowButton(element, place) {
  return button({ ...element, url: undefined }, place);
}

export function iconButton(element, place) {
  const drawn = element.icon === "trash" ? icon("trash") : make("span", { "aria-hidden": "true" }, "◇");
  const control = make(
    "button",
    {
      type: "button",
      class: "block-button sign-button",
      data: controlData(element),
      "aria-label": element.accessibility_label ?? wordsOf(element.text),
      title: wordsOf(element.text),
    },
    drawn,
    make("span", { class: "sign-words" }, wordsOf(element.text)),
  );
  control.addEventListener("click", () => press(element, place, element.value ?? null, control));
  return control;
}

/** Thumbs up and down: two buttons with one action_id; their values tell them apart. */
export function feedbackButtons(element, place) {
  const one = (given, drawn) => {
    const control = make(
      "button",
      {
        type: "button",
        class: "block-button sign-button",
        data: controlData(element),
        "aria-label": given.accessibility_label ?? wordsOf(given.text),
        "aria-pressed": "false",
        title: wordsOf(given.text),
      },
      icon(drawn),
    );
    control.addEventListener("click", async () => {
      await press(element, place, given.value, control);
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === control));
    });
    return control;
  };
  const group = make("span", { class: "feedback", role: "group", "aria-label": "Feedback" });
  append(group, [one(element.positive_button, "thumbup"), one(element.negative_button, "thumbdown")]);
  return group;
}

export function overflow(element, place) {
  const control = make(
    "button",
    {
      type: "button",
      class: "block-button overflow",
      data: controlData(element),
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    },
    icon("more"),
    unseen("More actions"),
  );
  const holder = make("span", { class: "overflow-holder" }, control);
  const pick = async (option) => {
    const sent = await act(element, place, option.value, control);
    const url = option.url && safeLink(option.url);
    if (sent && url) place.context.openLink?.(url);
  };
  control.addEventListener("click", () => openMenu(control, holder, element.options ?? [], pick));
  control.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    openMenu(control, holder, element.options ?? [], pick);
  });
  return holder;
}
