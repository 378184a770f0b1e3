/** The everyday blocks: section, header, divider, context, actions, alert, video. */

import { icon, make, unseen } from "./dom.js";
import { isVisible, renderElement } from "./elements.js";
import { foldable } from "./fold.js";
import { picture } from "./images.js";
import * as inline from "./inline.js";
import { renderText } from "./mrkdwn.js";
import { safeLink } from "./safe.js";
import { unknown } from "./unknown.js";

const SECTION_FOLD = { characters: 700, lines: 12 };

export function placeOf(block, context) {
  return { block, blockId: block.block_id, context, label: false };
}

export function section(block, context) {
  if (!block.text && !block.fields) throw new TypeError("a section needs text or fields");
  const body = make("div", { class: "section-body" });
  if (block.text) {
    const text = make("div", { class: "text section-text" }, renderText(block.text, context));
    body.append(block.expand || context.surface !== "message" ? text : foldable(text, SECTION_FOLD));
  }
  if (block.fields) {
    const fields = block.fields.map((field) => make("div", { class: "text section-field" }, renderText(field, context)));
    body.append(make("div", { class: "section-fields" }, ...fields));
  }
  const accessory = block.accessory && isVisible(block.accessory, context)
    ? make("div", { class: `accessory accessory-${block.accessory.type}` }, renderElement(block.accessory, placeOf(block, context)).node)
    : null;
  return make("div", { class: "section" }, body, accessory);
}

export function header(block, context) {
  return make("div", { class: "header text", role: "heading", "aria-level": "3" }, renderText(block.text, context));
}

export function divider() {
  return make("hr", { class: "divider" });
}

export function contextBlock(block, context) {
  const one = (element) => {
    if (element.type === "image") return picture(element, context, { classes: "context-picture" });
    if (element.type === "mrkdwn" || element.type === "plain_text") {
      return make("span", { class: "text context-text" }, renderText(element, context));
    }
    return unknown("Context element", element);
  };
  return make("div", { class: "context" }, ...block.elements.map(one));
}

export function actions(block, context) {
  const shown = block.elements.filter((element) => isVisible(element, context));
  return make("div", { class: "actions" }, ...shown.map((element) => renderElement(element, placeOf(block, context)).node));
}

export function contextActions(block, context) {
  const node = actions(block, context);
  node.classList.add("context-actions");
  return node;
}

const ALERTS = {
  default: ["info", "Note"],
  info: ["info", "Information"],
  warning: ["warning", "Warning"],
  error: ["error", "Error"],
  success: ["check", "Success"],
};

export function alert(block, context) {
  const level = Object.hasOwn(ALERTS, block.level) ? block.level : "default";
  const [sign, word] = ALERTS[level];
  const words = make("div", { class: "text" }, unseen(`${word}: `), renderText(block.text, context));
  return make("div", { class: `alert alert-${level}`, role: "note" }, icon(sign), words);
}

/** A video is shown as its still picture; it plays where it lives. */
export function video(block, context) {
  const still = picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }, context);
  const frame = inline.link(block.video_url, [still, make("span", { class: "video-play" }, icon("play"))], context);
  frame.classList.add("video-frame");
  frame.setAttribute("aria-label", `Play the video: ${block.alt_text}`);
  const title = make("span", { class: "text" }, renderText(block.title, context));
  const by = [block.author_name, block.provider_name].filter(Boolean).join(" · ");
  const mark = block.provider_icon_url && picture({ image_url: block.provider_icon_url, alt_text: "" }, context, { classes: "context-picture" });
  return make(
    "div",
    { class: "video" },
    by && make("div", { class: "video-by" }, mark, by),
    make("div", { class: "video-title" }, safeLink(block.title_url) ? inline.link(block.title_url, [title], context) : title),
    block.description && make("div", { class: "text video-description" }, renderText(block.description, context)),
    frame,
  );
}
