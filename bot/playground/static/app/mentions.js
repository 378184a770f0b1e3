// Between what a person reads in the composer ("@Kai") and what Slack keeps ("<@UKAI>").

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const UNESCAPES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const TOKEN = /<([@#!])([A-Za-z0-9^]+)(?:\|[^>]*)?>/g;

export const escapeText = (text) => text.replace(/[&<>]/g, (one) => ESCAPES[one]);
export const unescapeText = (text) => text.replace(/&(?:amp|lt|gt);/g, (one) => UNESCAPES[one]);

/** Text as typed, with `picks` ({"@Kai": "<@UKAI>"}) put in where they still stand as whole words. */
export function toSource(text, picks) {
  const labels = Object.keys(picks).sort((one, other) => other.length - one.length);
  if (!labels.length) return escapeText(text);
  const pattern = new RegExp(`(${labels.map(literally).join("|")})(?![\\p{L}\\p{N}_])`, "u");
  return text
    .split(pattern)
    .map((part) => (Object.hasOwn(picks, part) ? picks[part] : escapeText(part)))
    .join("");
}

function literally(label) {
  return label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The way back, for editing: {text, picks}. */
export function fromSource(store, source) {
  const picks = {};
  const text = source.replace(TOKEN, (token, sign, id) => {
    const label = labelOf(store, sign, id);
    if (label) picks[label] = token;
    return label ?? token;
  });
  return { text: unescapeText(text), picks };
}

function labelOf(store, sign, id) {
  if (sign === "@" && store.people.has(id)) return `@${store.nameOf(id)}`;
  if (sign === "#" && store.channels.has(id)) return `#${store.channels.get(id).name}`;
  if (sign === "!" && id.startsWith("subteam^")) {
    const group = store.groups.get(id.slice("subteam^".length));
    return group ? `@${group.handle}` : null;
  }
  return sign === "!" && ["here", "channel", "everyone"].includes(id) ? `@${id}` : null;
}
