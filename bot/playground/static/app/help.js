// What this place is, in a minute, and its keys.

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";

const KEYS = [
  ["/  @  #", "complete a command, a person or group, a channel"],
  ["Enter, Shift+Enter", "send; a new line"],
  ["↑", "in the empty field: the last command again, or edit the last message"],
  ["Ctrl+K", "go anywhere, or act as somebody else"],
  ["↑ ↓  or  k j", "from message to message; Enter replies in a thread"],
  ["F6", "from part to part of the page"],
  ["Esc", "close what is open"],
];

export function helpButton(session) {
  return iconButton("help", "How this works", () => openHelp(session), { data: { testid: "help" } });
}

function openHelp({ store }) {
  const { name } = store.app;
  const intro = `This page stands in for Slack on your machine. ${name} is real: it talks to this page as to Slack.`;
  const steps = stepsFor(store).map((step) => h("li", {}, step));
  const row = ([key, words]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, words));
  const body = h(
    "div",
    { class: "dialog-body help", tabindex: "0" },
    h("p", {}, intro),
    h("ol", {}, steps),
    h("h3", {}, "Keys"),
    h("table", { class: "keys" }, h("tbody", {}, KEYS.map(row))),
  );
  openDialog({ title: "How this works", body, className: "help-dialog light", testid: "help-dialog" });
}

function stepsFor({ app, commands: [command] }) {
  const what = lower(command?.description) || "a command of the app";
  return [
    command
      ? ["Type ", h("code", {}, command.command), ` below: ${what}.`]
      : `Write to ${app.name}, or use its shortcuts (⚡).`,
    "Choose somebody else under “Acting as”: they see what you wrote, and can answer. " +
      "“Side by side” shows two people at once.",
    `Look at ${app.name} in the sidebar: its Home tab and its messages to you.`,
    "“Bad days” makes the network and Slack fail; “Traffic” shows every call between the app and this page.",
  ];
}

const lower = (words) => (words ? words.charAt(0).toLowerCase() + words.slice(1) : "");
