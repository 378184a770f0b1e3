// Files that wait to be shared with the next message: chosen, dropped or pasted.

import { h, iconButton } from "./dom.js";

const UNITS = ["B", "kB", "MB", "GB"];

export class FileTray {
  constructor(changed) {
    this.changed = changed;
    this.list = [];
    this.input = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      tabindex: "-1",
      "aria-label": "Files to share",
      data: { testid: "file-input" },
    });
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = "";
    });
    this.chips = h("ul", { class: "file-chips", "aria-label": "Files to share" });
    this.element = h("div", { class: "file-tray" }, this.input);
  }

  choose() {
    this.input.click();
  }

  add(files) {
    this.list.push(...files);
    this.draw();
  }

  /** The files, which are no longer here. */
  take() {
    const taken = this.list;
    this.list = [];
    this.draw();
    return taken;
  }

  draw() {
    this.chips.replaceChildren(
      ...this.list.map((file, index) =>
        h(
          "li",
          { class: "file-chip" },
          h("span", {}, file.name),
          h("span", { class: "muted" }, size(file.size)),
          iconButton("close", `Do not share ${file.name}`, () => {
            this.list.splice(index, 1);
            this.draw();
          }),
        ),
      ),
    );
    if (this.list.length) this.element.append(this.chips);
    else this.chips.remove();
    this.changed();
  }

  /** Take what is dropped on `zone` or pasted into `field`. */
  receive(zone, field) {
    field.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.add(event.clipboardData.files);
    });
    zone.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      zone.classList.add("dropping");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("dropping"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("dropping");
      this.add(event.dataTransfer.files);
    });
  }
}

export function size(bytes) {
  const step = bytes ? Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1) : 0;
  const number = bytes / 1000 ** step;
  return `${step && number < 10 ? number.toFixed(1) : Math.round(number)} ${UNITS[step]}`;
}
