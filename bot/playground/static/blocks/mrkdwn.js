/**
 * mrkdwn and plain text as DOM. Line breaks stay characters: what holds the result needs the class `text`
 * (white-space: pre-wrap).
 */

import { make } from "./dom.js";
import * as inline from "./inline.js";
import { parseMrkdwn } from "./mrkdwn_parse.js";
import { emojiFor } from "./emoji.js";

const TAGS = { bold: "b", italic: "i", strike: "s", code: "code", pre: "pre", quote: "blockquote" };

export function renderMrkdwn(text, context, { verbatim = false } = {}) {
  return fragment(parseMrkdwn(text, { verbatim }), context);
}

function fragment(nodes, context) {
  const result = document.createDocumentFragment();
  for (const node of nodes) {
    result.append(typeof node === "string" ? node : element(node, context));
  }
  return result;
}

function element(node, context) {
  switch (node.kind) {
    case "user":
      return inline.userMention(node.id, node.label, context);
    case "channel":
      return inline.channelMention(node.id, node.label, context);
    case "usergroup":
      return inline.groupMention(node.id, node.label, context);
    case "broadcast":
      return inline.broadcast(node.range);
    case "date":
      return inline.date(node, context);
    case "emoji":
      return inline.emoji(node.name);
    case "link":
      return inline.link(node.url, [node.label || node.url.replace(/^(?:mailto|tel):/i, "")], context);
    case "pre":
    default:
      return make(TAGS[node.kind], {}, fragment(node.children, context));
  }
}

/** A plain_text object's text: no markup; `:name:` becomes an emoji unless `emoji` is false. */
export function renderPlain(text, { emoji = true } = {}) {
  const result = document.createDocumentFragment();
  const parts = emoji ? String(text).split(/(:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)/i) : [String(text)];
  for (const part of parts) {
    const name = part.slice(1, -1);
    if (/^:.+:$/.test(part) && emojiFor(name)) result.append(inline.emoji(name));
    else if (part) result.append(part);
  }
  return result;
}

/** A text object, plain_text or mrkdwn. */
export function renderText(object, context) {
  if (object?.type === "mrkdwn") return renderMrkdwn(object.text, context, object);
  return renderPlain(object?.text ?? "", { emoji: object?.emoji !== false });
}

/** The words of a text object, for labels. */
export function wordsOf(object) {
  return renderPlain(object?.text ?? "").textContent;
}
