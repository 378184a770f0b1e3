/** The `markdown` block as DOM. */

import { make } from "./dom.js";
import * as inline from "./inline.js";
import { parseMarkdown } from "./markdown_parse.js";
import { preformatted } from "./rich_text.js";

const TAGS = { bold: "b", italic: "i", strike: "s" };

export function markdownBlock(block, context) {
  return make("div", { class: "markdown" }, ...parseMarkdown(block.text).map((part) => drawn(part, context)));
}

function drawn(part, context) {
  switch (part.kind) {
    case "heading":
      return make("div", { class: `text markdown-heading level-${part.level}`, role: "heading", "aria-level": String(Math.min(6, part.level + 2)) }, ...inlines(part.children, context));
    case "rule":
      return make("hr", { class: "divider" });
    case "code":
      return preformatted({ language: part.language, elements: [{ type: "text", text: part.text }] }, context);
    case "quote":
      return make("blockquote", {}, ...part.blocks.map((one) => drawn(one, context)));
    case "list":
      return make(part.ordered ? "ol" : "ul", { class: "rich-list marks-0", start: part.ordered && part.start !== 1 ? part.start : null }, ...part.items.map((one) => item(one, context)));
    case "table":
      return table(part, context);
    default:
      return make("div", { class: "text markdown-paragraph" }, ...inlines(part.children, context));
  }
}

function item({ checked, blocks }, context) {
  const inside = blocks.map((one) => drawn(one, context));
  if (checked === null) return make("li", {}, ...inside);
  const box = make("span", { class: "task-box", role: "img", "aria-label": checked ? "Done:" : "To do:" }, checked ? "☑" : "☐");
  return make("li", { class: "task-item" }, box, make("div", {}, ...inside));
}

function table({ align, head, rows }, context) {
  const cell = (tag, scope) => (children, column) =>
    make(tag, { scope, class: `align-${align[column] ?? "left"}` }, make("div", { class: "text" }, ...inlines(children, context)));
  return make(
    "div",
    { class: "table-frame", role: "region", "aria-label": "Table", tabindex: "0" },
    make(
      "table",
      { class: "table" },
      make("thead", {}, make("tr", {}, ...head.map(cell("th", "col")))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell("td", null))))),
    ),
  );
}

function inlines(parts, context) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.kind === "code") return make("code", {}, part.text);
    if (part.kind === "link") return inline.link(part.url, inlines(part.children, context), context);
    return make(TAGS[part.kind], {}, ...inlines(part.children, context));
  });
}
