/** Files of a message: pictures, snippets, cards for the rest. */

import { append, icon, make } from "./dom.js";
import { foldable } from "./fold.js";
import { fileAddress, picture } from "./images.js";
import { diffLines } from "./rich_text.js";

const SNIPPET_CHARACTERS = 20_000;
const SNIPPET_FOLD = { characters: 1200, lines: 10 };
const TEXT_TYPES = new Set(["text", "txt", "diff", "json", "python", "py", "log", "csv", "yaml", "yml", "md", "markdown", "toml", "sh"]);
const UNITS = ["bytes", "kB", "MB", "GB"];

export function renderFiles(files, context) {
  return make("div", { class: "files" }, ...(files ?? []).map((file) => fileNode(file, context)));
}

function fileNode(file, context) {
  const data = { fileId: file.id };
  if (file.mode === "tombstone" || file.deleted) return make("div", { class: "file file-gone", data }, "This file was deleted.");
  if (file.mimetype === "") return make("div", { class: "file file-card", data, "aria-busy": "true" }, make("span", { class: "spinner" }), words(file, "is being prepared …"));
  if (file.mimetype?.startsWith("image/")) return imageFile(file, data, context);
  if (isText(file)) return snippet(file, data, context);
  return make("div", { class: "file file-card", data }, badge(file), words(file, details(file)), download(file, context));
}

function isText(file) {
  return file.mode === "snippet" || file.mimetype?.startsWith("text/") || TEXT_TYPES.has(file.filetype);
}

function words(file, below) {
  return make("span", { class: "file-words" }, make("span", { class: "file-name" }, file.title || file.name), make("span", { class: "file-below" }, below));
}

function details(file) {
  return [file.pretty_type || file.filetype, size(file.size)].filter(Boolean).join(" · ");
}

export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  let unit = 0;
  let number = bytes;
  while (number >= 1000 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit && number < 10 ? number.toFixed(1) : Math.round(number)} ${UNITS[unit]}`;
}

function badge(file) {
  return make("span", { class: "file-badge", "aria-hidden": "true" }, icon("file"));
}

function download(file, context) {
  const name = file.name || file.title || "file";
  return make("a", { class: "block-button file-download", href: fileAddress(file.id, context), download: name, "aria-label": `Download ${name}` }, icon("down"));
}

function imageFile(file, data, context) {
  const image = { slack_file: { id: file.id }, alt_text: file.alt_txt || file.title || file.name };
  const button = make("button", { type: "button", class: "picture-button", "aria-label": `Open the picture: ${image.alt_text}` }, picture(image, context));
  button.addEventListener("click", () => context.openImage?.({ url: fileAddress(file.id, context), alt: image.alt_text, title: file.title || file.name }));
  return make(
    "figure",
    { class: "file file-image", data },
    make("figcaption", { class: "file-caption" }, make("span", { class: "file-name" }, file.title || file.name), download(file, context)),
    button,
  );
}

/** The first part of a text file, read when it is shown. */
function snippet(file, data, context) {
  const body = make("div", { class: "snippet-body", "aria-busy": "true" }, make("span", { class: "file-below" }, "Loading …"));
  const head = make("div", { class: "file-caption" }, badge(file), words(file, details(file)), download(file, context));
  fetchText(fileAddress(file.id, context))
    .then((text) => body.replaceChildren(snippetText(text, file)))
    .catch(() => body.replaceChildren(make("span", { class: "file-below" }, "The preview could not be loaded.")))
    .finally(() => body.removeAttribute("aria-busy"));
  return make("div", { class: "file file-snippet", data }, head, body);
}

async function fetchText(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}

function snippetText(text, file) {
  const shown = text.slice(0, SNIPPET_CHARACTERS);
  const isDiff = file.filetype === "diff" || file.name?.endsWith(".diff");
  const pre = make("pre", { class: "snippet", tabindex: "0" });
  append(pre, isDiff ? diffLines(shown) : [shown]);
  if (text.length > shown.length) pre.append(`\n… ${size(text.length - shown.length)} more in the file`);
  return foldable(pre, SNIPPET_FOLD);
}
