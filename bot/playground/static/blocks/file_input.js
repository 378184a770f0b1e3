/** A field for files: choose or drop them, see them listed, take them out again. */

import { controlData, idsOf, startingValue } from "./acting.js";
import { append, icon, make } from "./dom.js";
import { keepsState } from "./state.js";

const MOST_FILES = 10;

export function fileInput(element, place) {
  const most = element.max_files ?? MOST_FILES;
  const chosen = [...(startingValue(element, place, "files", "initial_files") ?? [])];
  const accept = element.filetypes?.map((type) => `.${type}`).join(",");
  const control = make("input", { type: "file", class: "file-field", accept, multiple: most > 1, data: controlData(element) });
  if (!place.label) control.setAttribute("aria-label", "Files");
  const list = make("ul", { class: "file-chosen" });
  const status = make("span", { class: "file-status", role: "status" });
  const node = make("div", { class: "file-input", data: { keep: "" } }, control, list, status);
  const changed = () => {
    draw(list, chosen, (index) => {
      chosen.splice(index, 1);
      changed();
    });
    place.context.changed({ ...idsOf(element, place), value: chosen.map((file) => file.id) });
  };
  const add = (files) => upload(files, { place, status, chosen, most, element }).then(changed);
  control.addEventListener("change", () => add([...control.files]).then(() => (control.value = "")));
  node.addEventListener("dragover", (event) => event.preventDefault());
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  keepsState(control, () => ({ files: [...chosen] }));
  draw(list, chosen, (index) => {
    chosen.splice(index, 1);
    changed();
  });
  return { node, control };
}

async function upload(files, { place, status, chosen, most, element }) {
  if (!place.context.upload) {
    status.textContent = "Files cannot be uploaded here.";
    return;
  }
  status.textContent = "";
  for (const file of files) {
    const refused = refusal(file, chosen, most, element);
    if (refused) {
      status.textContent = refused;
      return;
    }
    status.textContent = `Uploading ${file.name} …`;
    try {
      chosen.push(await place.context.upload(file));
      status.textContent = "";
    } catch (error) {
      status.textContent = `${file.name} could not be uploaded: ${error.message}`;
      return;
    }
  }
}

function refusal(file, chosen, most, element) {
  if (chosen.length >= most) return `No more than ${most} file${most === 1 ? "" : "s"} here.`;
  const ending = file.name.split(".").at(-1).toLowerCase();
  const types = element.filetypes ?? [];
  return types.length && !types.includes(ending) ? `${file.name} is not one of: ${types.join(", ")}.` : null;
}

function draw(list, files, remove) {
  list.replaceChildren();
  append(
    list,
    files.map((file, index) => {
      const button = make("button", { type: "button", class: "token-remove", "aria-label": `Remove ${file.name ?? file.id}` }, icon("close"));
      button.addEventListener("click", () => remove(index));
      return make("li", {}, icon("file"), make("span", {}, file.name ?? file.id), button);
    }),
  );
}
