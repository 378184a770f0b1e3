/** rich_text blocks: what people write in Slack's composer, and what apps send to have nothing parsed. */

import { make } from "./dom.js";
import { foldable } from "./fold.js";
import * as inline from "./inline.js";
import { unknown } from "./unknown.js";

const LIMITS = { characters: 3000, lines: 40 };
const STYLE_TAGS = [
  ["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"], ["underline", "u"],
  ["highlight", "mark"], ["client_highlight", "mark"],
];

export function richTextBlock(block, context) {
  const body = make("div", { class: "text rich-text" }, ...richTextParts(block, context));
  return context.surface === "message" ? foldable(body, LIMITS) : body;
}

/** The parts of a rich_text object: lines, lists, quotes, preformatted text. */
export function richTextParts(object, context) {
  const parts = [];
  let lists = null;
  for (const element of object?.elements ?? []) {
    if (element.type === "rich_text_list") {
      lists ??= [];
      addList(lists, element, context, parts);
    } else {
      lists = null;
      parts.push(part(element, context));
    }
  }
  return parts;
}

function part(element, context) {
  switch (element.type) {
    case "rich_text_section":
      return make("div", { class: "rich-section" }, ...inlines(element.elements, context));
    case "rich_text_quote":
      return make("blockquote", {}, ...inlines(element.elements, context));
    case "rich_text_preformatted":
      return preformatted(element, context);
    default:
      return unknown("Rich text part", element);
  }
}

/** Neighbouring lists are one list: a deeper indent goes into the item above it, numbers go on after it. */
function addList(open, element, context, parts) {
  const indent = element.indent ?? 0;
  while (open.length && open.at(-1).indent > indent) open.pop();
  if (open.length && open.at(-1).indent === indent && open.at(-1).style !== element.style) open.pop();
  if (!open.length || open.at(-1).indent < indent) {
    const list = newList(element, indent);
    const above = open.at(-1)?.list.lastElementChild;
    if (above) above.append(list);
    else parts.push(list);
    open.push({ indent, style: element.style, list });
  }
  const { list } = open.at(-1);
  const first = list.childElementCount ? element.offset : 0; // a list that goes on may say from which number
  (element.elements ?? []).forEach((item, index) => {
    const value = first && index === 0 ? first + 1 : null;
    list.append(make("li", { value }, make("div", { class: "rich-section" }, ...inlines(item.elements, context))));
  });
}

function newList(element, indent) {
  const ordered = element.style === "ordered";
  return make(ordered ? "ol" : "ul", {
    class: `rich-list marks-${indent % 3}${element.border ? " bordered" : ""}`,
    start: ordered && element.offset ? element.offset + 1 : null,
  });
}

/** Code in a frame. `diff` has its lines coloured; the signs before them stay, so that colour is never alone. */
export function preformatted(element, context) {
  const language = element.language ? make("span", { class: "language" }, element.language) : null;
  const onlyText = (element.elements ?? []).every((one) => one.type === "text" && !one.style);
  const content =
    element.language === "diff" && onlyText
      ? diffLines((element.elements ?? []).map((one) => one.text).join(""))
      : inlines(element.elements, context);
  return make("div", { class: "preformatted" }, language, make("pre", { tabindex: "0" }, ...content));
}

export function diffLines(text) {
  return text.split("\n").flatMap((line, index) => {
    const place = /^(\+\+\+|---|@@)/.test(line);
    const kind = place ? "diff-place" : ({ "+": "diff-added", "-": "diff-removed" }[line[0]] ?? "diff-same");
    return [index ? "\n" : "", make("span", { class: kind }, line)];
  });
}

export function inlines(elements, context) {
  return (elements ?? []).map((element) => styled(inlineElement(element, context), element.style));
}

const INLINE = {
  text: (element) => document.createTextNode(element.text),
  link: (element, context) => inline.link(element.url, [element.text || element.url], context),
  user: (element, context) => inline.userMention(element.user_id, null, context),
  usergroup: (element, context) => inline.groupMention(element.usergroup_id, null, context),
  channel: (element, context) => inline.channelMention(element.channel_id, null, context),
  team: (element) => make("span", { class: "mention", data: { teamId: element.team_id } }, `@${element.team_id}`),
  emoji: (element) =>
    inline.emoji(element.skin_tone ? `${element.name}::skin-tone-${element.skin_tone}` : element.name, element),
  broadcast: (element) => inline.broadcast(element.range),
  color: (element) => inline.color(element.value),
  date: (element, context) => inline.date(element, context),
};

function inlineElement(element, context) {
  const render = Object.hasOwn(INLINE, element?.type) ? INLINE[element.type] : null;
  return render ? render(element, context) : unknown("Rich text element", element);
}

function styled(node, style) {
  if (!style) return node;
  return STYLE_TAGS.reduce((inner, [name, tag]) => (style[name] ? make(tag, {}, inner) : inner), node);
}
