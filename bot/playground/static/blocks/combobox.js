/**
 * A select that can be typed into: the combobox pattern of WAI-ARIA. Arrow keys move, Enter chooses, Esc closes,
 * typing filters or asks. Answers that come late are dropped. `choose(options)` is told of every change and
 * resolves to false when the person took it back.
 */

import { icon, make, setAttribute, unseen } from "./dom.js";
import { OptionList } from "./option_list.js";
import { attend } from "./popup.js";

const DEBOUNCE_MS = 200;

export class Combobox {
  constructor({ data, label, placeholder, source, chosen, several, clearable, most, onChange, onClose }) {
    Object.assign(this, { source, chosen, several, clearable, most, onChange, onClose, placeholder, asked: 0 });
    this.list = new OptionList({ label: label ?? placeholder, several, choose: (option) => this.#toggle(option) });
    this.input = this.#makeInput(data, label);
    this.tokens = make("span", { class: "tokens" });
    this.status = unseen("");
    this.status.setAttribute("role", "status");
    this.clear = make("button", { type: "button", class: "select-clear", "aria-label": "Clear" }, icon("close"));
    this.clear.addEventListener("click", () => this.#set([]));
    this.element = make(
      "div",
      { class: `select${several ? " select-several" : ""}`, data: { keep: "" } },
      this.tokens,
      this.input,
      this.clear,
      icon("chevron"),
      this.list.element,
      this.status,
    );
    this.list.onActive = (id) => setAttribute(this.input, "aria-activedescendant", id);
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.#close();
    });
    this.element.addEventListener("mousedown", (event) => this.#pressed(event));
    this.#draw();
  }

  #makeInput(data, label) {
    const input = make("input", {
      type: "text",
      class: "select-input",
      role: "combobox",
      data,
      "aria-label": label,
      "aria-expanded": "false",
      "aria-controls": this.list.element.id,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
    });
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => this.#key(event));
    return input;
  }

  #pressed(event) {
    if (this.list.element.contains(event.target) || event.target.closest("button")) return;
    if (event.target !== this.input) {
      event.preventDefault();
      this.input.focus();
    }
    if (this.list.isOpen && !this.several) this.#close();
    else this.#open();
  }

  #key(event) {
    const open = this.list.isOpen;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (open) this.list.move(key === "ArrowDown" ? 1 : -1);
      else this.#open();
    } else if (key === "Enter" && !event.isComposing) {
      if (!open) this.#open();
      else if (this.list.activeOption) this.#toggle(this.list.activeOption);
    } else if (key === "Escape" && open) {
      this.#close();
    } else if (key === "Backspace" && this.several && !this.input.value && this.chosen.length) {
      this.#set(this.chosen.slice(0, -1));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #open() {
    if (this.list.isOpen) return;
    this.#showList();
    this.input.select();
    this.#ask("");
  }

  #showList() {
    this.list.say("");
    this.list.open(this.element);
    this.input.setAttribute("aria-expanded", "true");
    this.stop = attend(this.list.element, this.element, { inside: this.element, close: () => this.#close() });
  }

  #close() {
    if (!this.list.isOpen) return;
    this.stop();
    this.asked += 1;
    clearTimeout(this.timer);
    this.list.close();
    this.input.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
    this.#draw();
    this.onClose?.(this.chosen);
  }

  #typed() {
    if (!this.list.isOpen) this.#showList();
    clearTimeout(this.timer);
    const query = this.input.value;
    if (!this.source.debounced) this.#ask(query);
    else {
      this.asked += 1;
      if (this.source.waits(query) === null) this.#say("Loading…", { busy: true });
      this.timer = setTimeout(() => this.#ask(query), DEBOUNCE_MS);
    }
  }

  async #ask(query) {
    this.asked += 1;
    const mine = this.asked;
    const wait = this.source.waits(query);
    if (wait !== null) return this.#say(wait);
    try {
      let groups = this.source.load(query);
      if (groups instanceof Promise) {
        this.#say("Loading…", { busy: true });
        groups = await groups;
      }
      if (mine === this.asked && this.list.isOpen) this.#show(groups);
    } catch (error) {
      if (mine !== this.asked) return undefined;
      console.warn("No options came:", error);
      this.#say("The options could not be loaded. Type again to retry.");
    }
    return undefined;
  }

  #say(words, options) {
    this.list.say(words, options);
    this.status.textContent = words;
  }

  #show(groups) {
    this.groups = groups;
    const count = groups.reduce((sum, group) => sum + group.options.length, 0);
    if (count === 0) return this.#say("No results");
    const isFull = Boolean(this.several && this.most && this.chosen.length >= this.most);
    this.list.show(groups, { isChosen: (option) => this.#has(option), isFull });
    this.status.textContent = isFull ? `No more than ${this.most} can be chosen` : `${count} option${count === 1 ? "" : "s"}`;
    return undefined;
  }

  #has(option) {
    return this.chosen.some((one) => one.value === option.value);
  }

  #toggle(option) {
    if (!this.several) {
      this.#set([option]);
      this.#close();
      return;
    }
    const without = this.chosen.filter((one) => one.value !== option.value);
    if (without.length === this.chosen.length && this.most && this.chosen.length >= this.most) return;
    this.#set(without.length < this.chosen.length ? without : [...this.chosen, option]);
    this.input.value = "";
    if (this.list.isOpen) this.#ask("");
  }

  async #set(chosen) {
    const before = this.chosen;
    this.chosen = chosen;
    this.#draw();
    if (chosen.length !== before.length || chosen[0]?.value !== before[0]?.value) {
      if ((await this.onChange(chosen, this.input)) === false) this.chosen = before;
      this.#draw();
    }
  }

  #draw() {
    const [first] = this.chosen;
    if (!this.several && !this.list.isOpen) this.#write(first?.text ?? "");
    if (this.several && !this.list.isOpen) this.input.value = "";
    this.input.placeholder = this.several && first ? "" : (this.placeholder ?? "");
    this.clear.hidden = !this.clearable || !first;
    this.tokens.replaceChildren(...(this.several ? this.chosen.map((option) => this.#token(option)) : []));
  }

  /** The chosen option's text, selected, so that typing takes its place. */
  #write(text) {
    this.input.value = text;
    if (document.activeElement === this.input) this.input.select();
  }

  #token(option) {
    const remove = make("button", { type: "button", class: "token-remove", "aria-label": `Remove ${option.text}` }, icon("close"));
    remove.addEventListener("click", () => {
      this.#set(this.chosen.filter((one) => one.value !== option.value));
      this.input.focus();
    });
    return make("span", { class: "token", data: { value: option.value } }, option.text, remove);
  }
}
