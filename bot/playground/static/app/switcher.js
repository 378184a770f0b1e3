// Ctrl+K: go anywhere by typing a few letters of its name.

import { openDialog } from "./dialogs.js";
import { avatar, h, icon } from "./dom.js";

const MOST = 12;

export function openSwitcher(session, { actAs }) {
  if (!document.querySelector(".switcher")) new Switcher(destinations(session, actAs));
}

class Switcher {
  constructor(entries) {
    this.entries = entries;
    this.list = h("ul", {
      class: "switcher-list",
      role: "listbox",
      id: "switcher-list",
      "aria-label": "Places",
    });
    this.field = h("input", {
      type: "text",
      class: "switcher-field",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "switcher-list",
      "aria-autocomplete": "list",
      "aria-label": "Go to",
      placeholder: "Go to a channel, a person, a panel…",
      autocomplete: "off",
      on: { input: () => this.draw(), keydown: (event) => this.keydown(event) },
    });
    const body = h("div", {}, this.field, this.list);
    this.dialog = openDialog({ label: "Go to", body, className: "switcher light", testid: "switcher" });
    this.draw();
    this.field.focus();
  }

  draw() {
    const typed = this.field.value.trim().toLowerCase();
    this.shown = this.entries.filter((one) => one.label.toLowerCase().includes(typed)).slice(0, MOST);
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((one, index) => this.option(one, index)));
    this.mark();
  }

  option({ picture, label, detail }, index) {
    const properties = { role: "option", id: `switch-${index}`, class: "switcher-option" };
    const words = [h("span", {}, label), h("span", { class: "muted" }, detail)];
    return h("li", { ...properties, on: { click: () => this.choose(index) } }, picture, words);
  }

  mark() {
    [...this.list.children].forEach((option, index) =>
      option.setAttribute("aria-selected", String(index === this.at)),
    );
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", this.shown.length ? `switch-${this.at}` : "");
  }

  keydown(event) {
    if (event.key === "ArrowDown") this.at = Math.min(this.at + 1, this.shown.length - 1);
    else if (event.key === "ArrowUp") this.at = Math.max(this.at - 1, 0);
    else if (event.key === "Enter") this.choose(this.at);
    else return;
    event.preventDefault();
    this.mark();
  }

  choose(index) {
    this.dialog.close();
    this.shown[index]?.run();
  }
}

function destinations(session, actAs) {
  const { store } = session;
  const channels = [...store.channels.values()]
    .sort((one, other) => (other.unread || 0) - (one.unread || 0))
    .map((one) => ({
      label: one.is_im || one.is_mpim ? store.channelName(one) : `#${one.name}`,
      detail: one.unread ? `${one.unread} unread` : "",
      picture: icon(one.is_im || one.is_mpim ? "mail" : one.is_private ? "lock" : "hash", 16),
      run: () => session.go({ channel: one.id, thread: null, app: null }),
    }));
  const people = [...store.people.values()]
    .filter((person) => !person.is_bot && person.id !== store.me)
    .map((person) => ({
      label: `Act as ${person.real_name || person.name}`,
      detail: person.title,
      picture: avatar(person, "tiny"),
      run: () => actAs(person.id),
    }));
  const places = [
    {
      label: `${store.app.name} Home`,
      detail: "app",
      picture: icon("app", 16),
      run: () => session.go({ channel: null, thread: null, app: "home" }),
    },
    {
      label: "Bad days",
      detail: "panel",
      picture: icon("cloud", 16),
      run: () => session.go({ panel: "faults" }),
    },
    {
      label: "Traffic",
      detail: "panel",
      picture: icon("traffic", 16),
      run: () => session.go({ panel: "traffic" }),
    },
  ];
  return [...channels, ...places, ...people];
}
