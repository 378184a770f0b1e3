/** Which addresses may become a link or a picture. Everything else stays words. */

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);
const PICTURES = new Set(["http:", "https:"]);

/** The address, when a click on it can do no harm; otherwise null. `javascript:` never gets here. */
export function safeLink(address) {
  return withScheme(address, LINKS) ? String(address).trim() : null;
}

/** The address of a picture; `data:` only for pictures. */
export function safePicture(address) {
  const text = String(address ?? "").trim();
  if (/^data:image\/(png|jpeg|gif|webp);base64,/.test(text)) return text;
  if (/^\/(?!\/)/.test(text)) return text;
  return withScheme(text, PICTURES) ? text : null;
}

function withScheme(address, schemes) {
  try {
    return schemes.has(new URL(String(address).trim()).protocol);
  } catch {
    return false;
  }
}
