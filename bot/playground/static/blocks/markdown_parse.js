/**
 * Standard Markdown, as a `markdown` block holds it, into a tree. HTML in it stays text. A block is
 * {kind, ...}; inline parts are strings or {kind, children | text, url}.
 */

const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+-]*)/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const DIVIDER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function parseMarkdown(text) {
  return blocksOf(String(text).replace(/\r\n?/g, "\n").split("\n"));
}

function blocksOf(lines) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [block, end] = READERS.map((read) => read(lines, at)).find(Boolean) ?? paragraph(lines, at);
    blocks.push(block);
    at = end;
  }
  return blocks;
}

const READERS = [fence, heading, rule, quote, list, table];

function fence(lines, start) {
  const open = FENCE.exec(lines[start]);
  if (!open) return null;
  let end = start + 1;
  while (end < lines.length && !lines[end].trim().startsWith(open[1])) end += 1;
  return [{ kind: "code", language: open[2], text: lines.slice(start + 1, end).join("\n") }, end + 1];
}

function heading(lines, at) {
  const found = HEADING.exec(lines[at]);
  return found && [{ kind: "heading", level: found[1].length, children: inlineOf(found[2]) }, at + 1];
}

function rule(lines, at) {
  return RULE.test(lines[at]) ? [{ kind: "rule" }, at + 1] : null;
}

function quote(lines, start) {
  let end = start;
  while (end < lines.length && /^\s{0,3}>/.test(lines[end])) end += 1;
  if (end === start) return null;
  return [{ kind: "quote", blocks: blocksOf(lines.slice(start, end).map((line) => line.replace(/^\s{0,3}>\s?/, ""))) }, end];
}

/** Items of one list; lines indented below an item belong to it. */
function list(lines, start) {
  const first = ITEM.exec(lines[start]);
  if (!first) return null;
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let at = start;
  while (at < lines.length) {
    const found = ITEM.exec(lines[at]);
    if (!found || found[1].length !== indent || /\d/.test(found[2]) !== ordered || RULE.test(lines[at])) break;
    let end = at + 1;
    while (end < lines.length && belongs(lines, end, indent)) end += 1;
    items.push(itemOf(found[3], lines.slice(at + 1, end)));
    at = end;
  }
  return items.length ? [{ kind: "list", ordered, start: Number.parseInt(first[2], 10) || 1, items }, at] : null;
}

function belongs(lines, at, indent) {
  const line = lines[at];
  if (!line.trim()) return /^\s/.test(lines[at + 1] ?? "") && (lines[at + 1].match(/^\s*/)[0].length > indent);
  return line.match(/^\s*/)[0].length > indent;
}

function itemOf(first, below) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(first);
  const indent = Math.min(...below.filter((line) => line.trim()).map((line) => line.match(/^\s*/)[0].length), 99);
  const blocks = blocksOf([task ? task[2] : first, ...below.map((line) => line.slice(indent))]);
  return { checked: task ? task[1] !== " " : null, blocks };
}

function table(lines, start) {
  if (!lines[start].includes("|") || !DIVIDER_ROW.test(lines[start + 1] ?? "") || !lines[start + 1].includes("-")) return null;
  const align = cells(lines[start + 1]).map((mark) => (/^:.*:$/.test(mark) ? "center" : mark.endsWith(":") ? "right" : "left"));
  let end = start + 2;
  while (end < lines.length && lines[end].includes("|") && lines[end].trim()) end += 1;
  const rows = [lines[start], ...lines.slice(start + 2, end)].map((line) => cells(line).map(inlineOf));
  return [{ kind: "table", align, head: rows[0], rows: rows.slice(1) }, end];
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function paragraph(lines, start) {
  let end = start + 1;
  while (end < lines.length && lines[end].trim() && !READERS.some((read) => read !== table && read(lines, end))) end += 1;
  return [{ kind: "paragraph", children: inlineOf(lines.slice(start, end).map((line) => line.trim()).join("\n")) }, end];
}

const INLINE = [
  [/^\\([!-/:-@[-`{-~])/, (found) => found[1]],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, (found) => ({ kind: "code", text: found[2].trim() })],
  [/^!\[([^\]]*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?[^)]*\)/, (found) => ({ kind: "link", url: found[2], children: [found[1] || found[2]] })],
  [/^\[((?:[^[\]]|\[[^\]]*\])*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?[^)]*\)/, (found) => ({ kind: "link", url: found[2], children: inlineOf(found[1]) })],
  [/^<(https?:\/\/[^\s>]+|mailto:[^\s>]+)>/, (found) => ({ kind: "link", url: found[1], children: [found[1]] })],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (found) => ({ kind: "bold", children: inlineOf(found[1]) })],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, (found) => ({ kind: "bold", children: inlineOf(found[1]) })],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (found) => ({ kind: "strike", children: inlineOf(found[1]) })],
  [/^\*(?=\S)([^*]*?\S)\*/, (found) => ({ kind: "italic", children: inlineOf(found[1]) })],
  [/^_(?=\S)([^_]*?\S)_(?!\w)/, (found) => ({ kind: "italic", children: inlineOf(found[1]) })],
  [/^https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/, (found) => ({ kind: "link", url: found[0], children: [found[0]] })],
];

function inlineOf(text) {
  const parts = [];
  const say = (words) => {
    if (typeof parts.at(-1) === "string") parts.push(parts.pop() + words);
    else parts.push(words);
  };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const inWord = /[\p{L}\p{N}]$/u.test(text.slice(0, at)) && /^(_|http)/.test(rest);
    const [found, made] = inWord ? [] : firstMatch(rest);
    const part = found ? made(found) : rest[0];
    if (typeof part === "string") say(part);
    else parts.push(part);
    at += found ? found[0].length : 1;
  }
  return parts;
}

function firstMatch(rest) {
  for (const [shape, made] of INLINE) {
    const found = shape.exec(rest);
    if (found) return [found, made];
  }
  return [];
}
