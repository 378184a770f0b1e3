/** The gallery page: every sample, drawn with the same code as the playground's own page. */

import * as blocks from "../blocks/index.js";
import { makeContext, PLOT } from "./context.js";

const FILES = ["words", "messages", "data", "progress", "form", "home", "attachments"];
const PICTURE = "https://gallery.example/plot.png";

const log = [];

function note(kind, what) {
  log.push({ kind, ...(typeof what === "string" ? { url: what } : what) });
  const line = document.createElement("li");
  line.textContent = `${kind} ${JSON.stringify(what)}`;
  document.querySelector("#log").append(line);
}

function draw(sample) {
  const context = makeContext({ surface: sample.surface, log: note });
  const box = document.createElement("section");
  box.className = `sample sample-${sample.surface}`;
  box.dataset.sample = sample.name;
  const title = document.createElement("h2");
  title.textContent = sample.title;
  box.append(title);
  if (sample.blocks) box.append(blocks.renderBlocks(sample.blocks, context));
  if (sample.attachments) box.append(blocks.renderAttachments(sample.attachments, context));
  if (sample.files) box.append(blocks.renderFiles(sample.files, context));
  return box;
}

async function samplesOf(file) {
  const text = await (await fetch(new URL(`samples/${file}.json`, import.meta.url))).text();
  return JSON.parse(text.replaceAll(PICTURE, PLOT));
}

const samples = (await Promise.all(FILES.map(samplesOf))).flat();
document.querySelector("#samples").append(...samples.map(draw));
document.querySelector("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
});
// For people at the console and for tests.
globalThis.gallery = { blocks, makeContext, samples, log, note };
document.body.dataset.ready = "true";
