/** The list under a select: options in groups, one of them active, and words where there are none. */

import { freshId, icon, make } from "./dom.js";
import { hidePopup, place, showPopup } from "./popup.js";

export class OptionList {
  /** `choose` gets the option that was pressed; `several` for a list where more than one can be chosen. */
  constructor({ label, several, choose }) {
    this.choose = choose;
    this.options = [];
    this.active = -1;
    this.element = make("div", {
      class: "listbox popup",
      popover: "manual", // hidden until it is shown
      id: freshId("options"),
      role: "listbox",
      "aria-label": label,
      "aria-multiselectable": several ? "true" : null,
    });
    // Pressing an option must not take the focus from the field.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen() {
    return this.element.matches(":popover-open");
  }

  get activeOption() {
    return this.options[this.active];
  }

  open(anchor) {
    this.anchor = anchor;
    showPopup(this.element, anchor);
  }

  close() {
    hidePopup(this.element);
    this.activate(-1);
  }

  /** Words instead of options: loading, nothing found, keep typing. */
  say(words, { busy = false } = {}) {
    this.options = [];
    this.nodes = [];
    this.active = -1;
    this.element.setAttribute("aria-busy", String(busy));
    const spinner = busy && make("span", { class: "spinner", "aria-hidden": "true" });
    this.element.replaceChildren(make("div", { class: "listbox-words" }, ...[spinner, words].filter(Boolean)));
    this.#place();
  }

  show(groups, { isChosen, isFull }) {
    this.options = groups.flatMap((group) => group.options);
    this.element.setAttribute("aria-busy", "false");
    this.nodes = [];
    const parts = groups.map((group) => {
      const nodes = group.options.map((option) => this.#option(option, isChosen(option), isFull));
      this.nodes.push(...nodes);
      if (group.label === null) return nodes;
      const label = make("div", { class: "listbox-group", role: "presentation" }, group.label);
      return [make("div", { role: "group", "aria-label": group.label }, label, ...nodes)];
    });
    this.element.replaceChildren(...parts.flat());
    this.#place();
    const chosen = this.options.findIndex(isChosen);
    this.activate(chosen < 0 ? 0 : chosen);
  }

  #option(option, chosen, isFull) {
    const node = make(
      "div",
      {
        class: "option",
        id: freshId("option"),
        role: "option",
        "aria-selected": String(chosen),
        "aria-disabled": isFull && !chosen ? "true" : null,
        data: { value: option.value },
      },
      make("span", { class: "option-text" }, option.text),
      option.description && make("span", { class: "option-description" }, option.description),
      chosen && icon("check"),
    );
    node.addEventListener("click", () => this.choose(option));
    node.addEventListener("pointermove", () => this.activate(this.options.indexOf(option), { scroll: false }));
    return node;
  }

  /** Move by `step` from the active option, round the ends. */
  move(step) {
    const count = this.options.length;
    if (count) this.activate((this.active + step + count) % count);
  }

  activate(index, { scroll = true } = {}) {
    this.nodes?.[this.active]?.classList.remove("active");
    this.active = index < this.options.length ? index : -1;
    const node = this.nodes?.[this.active];
    node?.classList.add("active");
    if (scroll) node?.scrollIntoView({ block: "nearest" });
    this.onActive?.(node?.id ?? null);
  }

  #place() {
    if (this.isOpen) place(this.element, this.anchor);
  }
}
