// What can follow what has been typed: /commands, @people and @groups, #channels.

import { avatar, h, icon } from "./dom.js";

const MOST = 8;
const WORD = /(^|[\s(])([@#])([\p{L}\p{N}._-]*)$/u;

/** {from, choices: [{insert, label, detail, picture, pick?}]} for the text before the caret, or null. */
export function suggest(store, before) {
  if (/^\/\S*$/.test(before)) return found(0, commands(store, before));
  const match = WORD.exec(before);
  if (!match) return null;
  const typed = match[3].toLowerCase();
  const choices = match[2] === "@" ? people(store, typed) : channels(store, typed);
  return found(before.length - match[3].length - 1, choices);
}

const found = (from, choices) => (choices.length ? { from, choices: choices.slice(0, MOST) } : null);

function commands(store, typed) {
  return store.commands
    .filter((one) => one.command.startsWith(typed))
    .map((one) => ({
      insert: `${one.command} `,
      label: one.command,
      hint: one.usage_hint,
      detail: one.description,
      picture: () => h("span", { class: "avatar bot small" }, icon("bolt", 14)),
    }));
}

function people(store, typed) {
  const starts = (...names) => names.some((name) => name?.toLowerCase().startsWith(typed));
  const persons = [...store.people.values()]
    .filter((person) => starts(person.name, person.real_name))
    .map((person) =>
      mention(
        `@${person.real_name || person.name}`,
        `<@${person.id}>`,
        person.title || (person.is_bot ? "app" : ""),
        () => avatar(person, "small"),
      ),
    );
  const groups = [...store.groups.values()]
    .filter((group) => starts(group.handle, group.name))
    .map((group) =>
      mention(`@${group.handle}`, `<!subteam^${group.id}>`, `${group.members.length} people`, () =>
        avatar({ id: group.id, name: group.name }, "small"),
      ),
    );
  const broad = ["here", "channel"]
    .filter((name) => starts(name))
    .map((name) =>
      mention(`@${name}`, `<!${name}>`, "everybody in this channel", () =>
        h("span", { class: "avatar small tone-0" }, "@"),
      ),
    );
  return [...persons, ...groups, ...broad];
}

function channels(store, typed) {
  return [...store.channels.values()]
    .filter((channel) => !channel.is_im && !channel.is_mpim && channel.name.toLowerCase().includes(typed))
    .map((channel) =>
      mention(`#${channel.name}`, `<#${channel.id}>`, channel.topic || "", () =>
        h("span", { class: "avatar small tone-3" }, icon(channel.is_private ? "lock" : "hash", 14)),
      ),
    );
}

function mention(label, token, detail, picture) {
  return { insert: `${label} `, label, detail, picture, pick: { [label]: token } };
}

let count = 0;

/** The list of choices over a text field. `accept(choice, from)` is called for the one that was chosen. */
export class Completion {
  constructor(field, accept) {
    this.field = field;
    this.accept = accept;
    this.id = `completion-${++count}`;
    this.list = h("ul", {
      class: "completion",
      role: "listbox",
      id: this.id,
      "aria-label": "Suggestions",
      hidden: true,
      data: { testid: "completion" },
    });
    this.found = null;
    this.at = 0;
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return Boolean(this.found);
  }

  update(found) {
    if (!found) return this.close();
    const same =
      JSON.stringify(found.choices.map((one) => one.label)) ===
      JSON.stringify(this.found?.choices.map((one) => one.label));
    this.found = found;
    if (!same) {
      this.at = 0;
      this.list.replaceChildren(...found.choices.map((choice, index) => this.option(choice, index)));
    }
    this.list.hidden = false;
    this.field.setAttribute("aria-controls", this.id);
    this.mark();
    return undefined;
  }

  close() {
    this.found = null;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.field.removeAttribute("aria-activedescendant");
    this.field.removeAttribute("aria-controls");
  }

  option(choice, index) {
    const words = h(
      "span",
      { class: "completion-words" },
      h(
        "span",
        {},
        h("b", {}, choice.label),
        choice.hint ? h("span", { class: "completion-hint" }, ` ${choice.hint}`) : null,
      ),
      choice.detail ? h("span", { class: "completion-detail" }, choice.detail) : null,
    );
    const choose = (event) => {
      event.preventDefault();
      this.choose(index);
    };
    return h(
      "li",
      { role: "option", id: `${this.id}-${index}`, class: "completion-option", on: { pointerdown: choose } },
      choice.picture(),
      words,
    );
  }

  mark() {
    [...this.list.children].forEach((option, index) =>
      option.setAttribute("aria-selected", String(index === this.at)),
    );
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
  }

  choose(index = this.at) {
    const { choices, from } = this.found;
    this.close();
    this.accept(choices[index], from);
  }

  /** True when the key belonged to the list. */
  keydown(event) {
    if (!this.isOpen) return false;
    const length = this.found.choices.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % length;
    else if (event.key === "ArrowUp") this.at = (this.at + length - 1) % length;
    else if (event.key === "Escape") {
      this.close();
      return true;
    } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
      this.choose();
      return true;
    } else return false;
    this.mark();
    return true;
  }
}
