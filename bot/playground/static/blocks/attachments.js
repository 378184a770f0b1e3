/** Attachments: blocks beside a bar of colour, the fields of older apps, and unfurled links. */

import { make } from "./dom.js";
import { foldable } from "./fold.js";
import { picture, pictureButton } from "./images.js";
import * as inline from "./inline.js";
import { renderMrkdwn } from "./mrkdwn.js";
import { safeLink } from "./safe.js";
import { unknown } from "./unknown.js";

const NAMED = { good: "#2eb886", warning: "#daa038", danger: "#d0433f" };
const FOLD = { characters: 700, lines: 12 };

export function renderAttachments(attachments, context, renderBlocks) {
  return make("div", { class: "attachments" }, ...(attachments ?? []).map((one) => attachment(one, context, renderBlocks)));
}

function attachment(given, context, renderBlocks) {
  const bar = make("div", { class: "attachment-bar", "aria-hidden": "true" });
  const color = NAMED[given.color] ?? (/^#?[0-9a-f]{3}([0-9a-f]{3})?$/i.test(given.color ?? "") ? `#${given.color.replace("#", "")}` : null);
  if (color) bar.style.backgroundColor = color;
  const body = make("div", { class: "attachment-body" });
  body.append(...parts(given, context, renderBlocks).filter(Boolean));
  if (!body.childNodes.length) body.append(given.fallback ? make("div", { class: "text" }, given.fallback) : unknown("Attachment", { type: "without content", ...given }));
  const pretext = given.pretext && make("div", { class: "text attachment-pretext" }, renderMrkdwn(given.pretext, context));
  return make("div", { class: "attachment" }, pretext, make("div", { class: "attachment-box" }, bar, body));
}

function parts(given, context, renderBlocks) {
  const text = (words, name) => words && make("div", { class: `text ${name}` }, renderMrkdwn(words, context));
  const long = text(given.text, "attachment-text");
  const main = [
    service(given, context),
    author(given, context),
    given.title && make("div", { class: "attachment-title text" }, linked(given.title_link ?? given.from_url, given.title, context)),
    long && foldable(long, FOLD),
    given.fields?.length && fields(given.fields, context),
  ].filter(Boolean);
  const thumb = given.thumb_url && picture({ image_url: given.thumb_url, alt_text: given.title ?? "" }, context, { classes: "attachment-thumb" });
  return [
    main.length || thumb ? make("div", { class: "attachment-main" }, make("div", {}, ...main), thumb) : null,
    given.image_url && pictureButton({ image_url: given.image_url, alt_text: given.title ?? given.fallback ?? "" }, given.title, context),
    given.blocks?.length ? renderBlocks(given.blocks, context) : null,
    ...(given.actions ?? []).map((action) => unknown("Legacy attachment action", action)),
    footer(given, context),
  ];
}

function linked(address, words, context) {
  return safeLink(address) ? inline.link(address, [words], context) : words;
}

function small(address, alt, context) {
  return address ? picture({ image_url: address, alt_text: alt }, context, { classes: "context-picture" }) : null;
}

function service(given, context) {
  if (!given.service_name) return null;
  return make("div", { class: "attachment-by" }, small(given.service_icon, "", context), linked(given.service_url, given.service_name, context));
}

function author(given, context) {
  if (!given.author_name) return null;
  const subname = given.author_subname && make("span", { class: "muted" }, ` ${given.author_subname}`);
  return make("div", { class: "attachment-by" }, small(given.author_icon, "", context), linked(given.author_link, given.author_name, context), subname);
}

function fields(list, context) {
  return make(
    "div",
    { class: "attachment-fields" },
    ...list.map((field) =>
      make(
        "div",
        { class: field.short ? "attachment-field short" : "attachment-field" },
        field.title && make("div", { class: "text field-title" }, renderMrkdwn(field.title, context)),
        make("div", { class: "text" }, renderMrkdwn(field.value ?? "", context)),
      ),
    ),
  );
}

function footer(given, context) {
  const at = Number(given.ts);
  const when = given.ts && Number.isFinite(at) ? inline.date({ timestamp: at, format: "{date_short_pretty} at {time}" }, context) : null;
  if (!given.footer && !when) return null;
  const words = given.footer && make("span", { class: "text" }, renderMrkdwn(given.footer, context));
  return make("div", { class: "attachment-footer" }, small(given.footer_icon, "", context), words, words && when ? make("span", { "aria-hidden": "true" }, "|") : null, when);
}
