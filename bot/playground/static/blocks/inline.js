/** What stands inside a line: mentions, links, emoji, dates. The same for rich text and for mrkdwn. */

import { formatDate } from "./dates.js";
import { make } from "./dom.js";
import { emojiFor, emojiFromCode } from "./emoji.js";
import { safeLink } from "./safe.js";

export function userMention(id, label, context) {
  const person = context.person?.(id);
  const words = `@${person?.real_name || person?.name || label || id}`;
  const me = id === context.me ? " mention-me" : "";
  return make("span", { class: `mention${me}`, data: { userId: id }, title: person?.title || null }, words);
}

/** A channel that the reader does not know stays a word, as a private one does in Slack. */
export function channelMention(id, label, context) {
  const channel = context.channel?.(id);
  const name = channel?.name || label;
  if (!name) return make("span", { class: "mention", data: { channelId: id } }, "# private channel");
  const properties = { class: "mention", data: { channelId: id } };
  if (!channel) return make("span", properties, `#${name}`);
  return make("a", { ...properties, href: `/archives/${id}`, ...follows(`/archives/${id}`, context) }, `#${name}`);
}

export function groupMention(id, label, context) {
  const group = context.group?.(id);
  const words = group?.handle ?? (label || id);
  const mine = group?.members?.includes(context.me) ? " mention-me" : "";
  const name = words.startsWith("@") ? words : `@${words}`;
  return make("span", { class: `mention${mine}`, data: { groupId: id }, title: group?.name }, name);
}

export function broadcast(range) {
  return make("span", { class: "mention mention-me", data: { broadcast: range } }, `@${range}`);
}

/** A link, or, where the address is not one that a person may follow, its words. */
export function link(address, children, context) {
  const href = safeLink(address);
  if (href === null) return make("span", { class: "not-a-link", title: "This address is not opened." }, ...children);
  return make("a", { href, target: "_blank", rel: "noopener noreferrer", ...follows(href, context) }, ...children);
}

/** A plain click goes through the page; with a modifier key it stays the browser's. */
export function follows(address, context) {
  const click = (event) => {
    if (!context.openLink || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    context.openLink(address);
  };
  return { on: { click } };
}

export function emoji(name, { unicode, url } = {}) {
  const character = (unicode && emojiFromCode(unicode)) || emojiFor(name);
  if (character) return make("span", { class: "emoji", role: "img", "aria-label": `:${name}:`, title: `:${name}:` }, character);
  const picture = url && safeLink(url);
  if (picture) return make("img", { class: "emoji", src: picture, alt: `:${name}:` });
  return document.createTextNode(`:${name}:`);
}

export function date({ timestamp, format, url, fallback }, context) {
  const now = context.now?.() ?? new Date();
  const words = formatDate(timestamp, format, now) ?? fallback ?? String(timestamp);
  const at = new Date(Number(timestamp) * 1000);
  const valid = !Number.isNaN(at.getTime());
  const time = make("time", { datetime: valid ? at.toISOString() : null, title: valid ? at.toString() : null }, words);
  return url ? link(url, [time], context) : time;
}

/** A colour with a swatch beside its name. */
export function color(value) {
  const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
  if (CSS.supports("color", value)) swatch.style.backgroundColor = value;
  return make("span", { class: "color" }, swatch, value);
}
