/**
 * Slack's mrkdwn as a tree, without any DOM. A node is a string, or {kind, ...} with `children` where it has any.
 *
 * Only `&amp;` `&lt;` `&gt;` are decoded. `<...>` is an entity or stays as it stands. A marker counts where a word
 * begins and ends: `*bold*` but not `2*3*4`. Nothing spans lines but a fence. Bare web addresses become links
 * unless the text is verbatim.
 */

const ENTITY = /^<([^<>\n]+)>/;
const BARE_LINK = /^https?:\/\/[^\s<>"'`|\u0000-\u001f]*[^\s<>"'`|.,;:!?)\]}*_~\u0000-\u001f]/i;
const EMOJI = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/i;
const MARKERS = { "*": "bold", _: "italic", "~": "strike" };
const DECODED = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

export function parseMrkdwn(text, { verbatim = false } = {}) {
  const nodes = [];
  const parts = String(text).split(/```((?:(?!```)[\s\S])+?)```/);
  parts.forEach((part, index) => {
    if (index % 2) nodes.push({ kind: "pre", children: scan(part.replace(/^\n|\n$/g, ""), { bare: false, plain: true }) });
    else if (part) nodes.push(...lines(trimAround(part, index, parts.length), !verbatim));
  });
  return nodes;
}

/** A fence is a block of its own: the line break beside it is not shown a second time. */
function trimAround(part, index, count) {
  let text = part;
  if (index > 0) text = text.replace(/^\n/, "");
  if (index < count - 1) text = text.replace(/\n$/, "");
  return text;
}

/** Lines into quotes and text. `>` quotes one line, `>>>` all that follow. */
function lines(text, bare) {
  const nodes = [];
  let quoted = null;
  let rest = false;
  const all = text.split("\n");
  all.forEach((line, index) => {
    const all_below = /^(?:>|&gt;){3}\s?/.exec(line);
    const one = /^(?:>|&gt;)\s?/.exec(line);
    const begins = !rest && (all_below ?? one);
    if (begins || rest) {
      const content = inline(begins ? line.slice(begins[0].length) : line, bare);
      if (quoted) quoted.children.push("\n", ...content);
      else nodes.push((quoted = { kind: "quote", children: content }));
      rest ||= Boolean(all_below);
      return;
    }
    if (!quoted && index > 0) nodes.push("\n");
    quoted = null;
    nodes.push(...inline(line, bare));
  });
  return joined(nodes);
}

function inline(line, bare) {
  return joined(emphasis(scan(line, { bare, plain: false })));
}

/** Text into glyphs: single characters, and nodes for entities, code, emoji and links. */
function scan(text, { bare, plain }) {
  const glyphs = [];
  let at = 0;
  while (at < text.length) {
    const [glyph, length] = next(text, at, { bare, plain, before: glyphs.at(-1) });
    glyphs.push(glyph);
    at += length;
  }
  return plain ? joined(glyphs) : glyphs;
}

function next(text, at, { bare, plain, before }) {
  const rest = text.slice(at, at + 3000);
  const found = rest[0] === "<" && ENTITY.exec(rest);
  const node = found && entity(found[1]);
  if (node) return [node, found[0].length];
  const escaped = rest[0] === "&" && /^&(?:amp|lt|gt);/.exec(rest);
  if (escaped) return [DECODED[escaped[0]], escaped[0].length];
  if (!plain) {
    const code = rest[0] === "`" && !isWord(before) && /^`([^`\n]+)`(?![\p{L}\p{N}])/u.exec(rest);
    if (code) return [{ kind: "code", children: scan(code[1], { bare: false, plain: true }) }, code[0].length];
    const emoji = rest[0] === ":" && EMOJI.exec(rest);
    if (emoji) return [{ kind: "emoji", name: emoji[1], text: emoji[0] }, emoji[0].length];
    const link = bare && !isWord(before) && BARE_LINK.exec(rest);
    if (link) return [{ kind: "link", url: decode(link[0]), label: null }, link[0].length];
  }
  const character = String.fromCodePoint(text.codePointAt(at));
  return [character, character.length];
}

/** What `<inside>` means, or null where it means nothing and is shown as it stands. */
function entity(inside) {
  const [target, ...labels] = inside.split("|");
  const label = labels.length ? decode(labels.join("|")) : null;
  const id = /^[@#]([A-Z][A-Z0-9]+)$/.exec(target);
  if (id) return { kind: target[0] === "@" ? "user" : "channel", id: id[1], label };
  if (target.startsWith("!")) return command(target.slice(1), label);
  if (/^(https?:\/\/|mailto:|tel:)\S/i.test(target)) return { kind: "link", url: decode(target), label };
  return null;
}

function command(name, label) {
  if (["here", "channel", "everyone"].includes(name)) return { kind: "broadcast", range: name };
  const group = /^subteam\^([A-Z0-9]+)$/.exec(name);
  if (group) return { kind: "usergroup", id: group[1], label };
  const date = /^date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/.exec(name);
  if (date) {
    const [, timestamp, format, url] = date;
    return { kind: "date", timestamp, format: decode(format), url: url && decode(url), fallback: label };
  }
  return label === null ? `<${name}>` : label;
}

/** Bold, italic and strike in a list of glyphs. */
function emphasis(glyphs) {
  const nodes = [];
  let at = 0;
  while (at < glyphs.length) {
    const kind = MARKERS[glyphs[at]];
    const end = kind === undefined ? -1 : closing(glyphs, at);
    if (end < 0) {
      nodes.push(glyphs[at]);
      at += 1;
    } else {
      nodes.push({ kind, children: joined(emphasis(glyphs.slice(at + 1, end))) });
      at = end + 1;
    }
  }
  return nodes;
}

/** Where the marker that opens at `start` closes, or -1 where it opens nothing. */
function closing(glyphs, start) {
  const marker = glyphs[start];
  if (isWord(glyphs[start - 1]) || isSpace(glyphs[start + 1]) || glyphs[start + 1] === marker) return -1;
  for (let at = start + 2; at < glyphs.length; at += 1) {
    if (glyphs[at] === marker && !isSpace(glyphs[at - 1]) && !isWord(glyphs[at + 1])) return at;
  }
  return -1;
}

function isWord(glyph) {
  return typeof glyph === "string" && /[\p{L}\p{N}]$/u.test(glyph);
}

function isSpace(glyph) {
  return glyph === undefined || (typeof glyph === "string" && /^\s$/.test(glyph));
}

function decode(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (name) => DECODED[name]);
}

/** Neighbouring characters as one string. */
function joined(nodes) {
  const result = [];
  for (const node of nodes) {
    if (typeof node === "string" && typeof result.at(-1) === "string") result.push(result.pop() + node);
    else result.push(node);
  }
  return result;
}
