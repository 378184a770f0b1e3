// Ctrl+K: go anywhere by typing a few letters of its name.

import { openDialog } from "./dialogs.js";
import { avatar, h, icon } from "./dom.js";

const MOST = 12;

export function openSwitcher(session, { actAs }) {
  if (document.querySelector(".switcher")) return;
  const entries = destinations(session, actAs);
  let shown = [];
  let at = 0;
  const list = h("ul", { class: "switcher-list", role: "listbox", id: "switcher-list", "aria-label": "Places" });
  const field = h("input", { type: "text", class: "switcher-field", role: "combobox", "aria-expanded": "true", "aria-controls": "switcher-list", "aria-autocomplete": "list", "aria-label": "Go to", placeholder: "Go to a channel, a person, a panel…", autocomplete: "off" });
  const { close } = openDialog({ label: "Go to", body: h("div", {}, field, list), className: "switcher light", testid: "switcher" });

  function choose(index) {
    close();
    shown[index]?.run();
  }
  function mark() {
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", shown.length ? `switch-${at}` : "");
  }
  function draw() {
    const typed = field.value.trim().toLowerCase();
    shown = entries.filter((one) => one.label.toLowerCase().includes(typed)).slice(0, MOST);
    at = 0;
    list.replaceChildren(...shown.map((one, index) => h("li", { role: "option", id: `switch-${index}`, class: "switcher-option", on: { click: () => choose(index) } }, one.picture, h("span", {}, one.label), h("span", { class: "muted" }, one.detail))));
    mark();
  }
  field.addEventListener("input", draw);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at = Math.min(at + 1, shown.length - 1);
    else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
    else if (event.key === "Enter") choose(at);
    else return;
    event.preventDefault();
    mark();
  });
  draw();
  field.focus();
}

function destinations(session, actAs) {
  const { store } = session;
  const channels = [...store.channels.values()].sort((one, other) => (other.unread || 0) - (one.unread || 0)).map((one) => ({
    label: one.is_im || one.is_mpim ? store.channelName(one) : `#${one.name}`,
    detail: one.unread ? `${one.unread} unread` : "",
    picture: icon(one.is_im || one.is_mpim ? "mail" : one.is_private ? "lock" : "hash", 16),
    run: () => session.go({ channel: one.id, thread: null, app: null }),
  }));
  const people = [...store.people.values()].filter((person) => !person.is_bot && person.id !== store.me).map((person) => ({
    label: `Act as ${person.real_name || person.name}`,
    detail: person.title,
    picture: avatar(person, "tiny"),
    run: () => actAs(person.id),
  }));
  const places = [
    { label: `${store.app.name} Home`, detail: "app", picture: icon("app", 16), run: () => session.go({ channel: null, thread: null, app: "home" }) },
    { label: "Bad days", detail: "panel", picture: icon("cloud", 16), run: () => session.go({ panel: "faults" }) },
    { label: "Traffic", detail: "panel", picture: icon("traffic", 16), run: () => session.go({ panel: "traffic" }) },
  ];
  return [...channels, ...places, ...people];
}
