// Where messages and slash commands are written. Drafts survive a reload.

import { Completion, suggest } from "./completion.js";
import { h, iconButton } from "./dom.js";
import { toSource } from "./mentions.js";
import { openMenu } from "./menu.js";
import { recall, remember } from "./place.js";
import { FileTray } from "./file_tray.js";

const COMMAND = /^(\/\S+)(?:\s+([\s\S]*))?$/;

export class Composer {
  /** `editLast()` begins to edit the person's last message here and says whether there is one. */
  constructor(session, { channel, thread = null, label, editLast, sent = () => {} }) {
    Object.assign(this, { session, channel, thread, editLast, sent });
    this.key = `draft:${thread ? `${channel.id}/${thread}` : channel.id}`;
    this.picks = {};
    this.lastCommand = null;
    this.field = h("textarea", {
      class: "composer-field",
      rows: "1",
      placeholder: label,
      "aria-label": label,
      data: { testid: thread ? "thread-input" : "message-input" },
    });
    this.completion = new Completion(this.field, (choice, from) => this.accept(choice, from));
    this.hint = h("p", { class: "composer-hint", hidden: true });
    this.files = new FileTray(() => this.refresh());
    this.send = iconButton("send", "Send", () => this.submit(), { class: "send", data: { testid: "send" } });
    this.element = this.build();
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.keydown(event));
    this.field.addEventListener("click", () => this.complete());
    this.restore();
  }

  build() {
    const box = h(
      "div",
      { class: "composer-box" },
      this.completion.list,
      this.field,
      this.files.element,
      this.tools(),
    );
    const testid = this.thread ? "thread-composer" : "composer";
    const element = h("form", { class: "composer", data: { testid } }, this.hint, box);
    element.addEventListener("submit", (event) => event.preventDefault());
    this.files.receive(element, this.field);
    return element;
  }

  tools() {
    const opensMenu = { "aria-haspopup": "menu" };
    const open = (event) => this.openShortcuts(event.currentTarget);
    const help = "Enter sends · Shift+Enter for a new line";
    return h(
      "div",
      { class: "composer-tools" },
      iconButton("plus", "Shortcuts and files", open, { ...opensMenu, data: { testid: "open-shortcuts" } }),
      iconButton("attach", "Attach a file", () => this.files.choose()),
      this.thread ? null : iconButton("bolt", "Shortcuts of apps", open, opensMenu),
      h("span", { class: "composer-help", "aria-hidden": "true" }, help),
      this.send,
    );
  }

  focus() {
    this.field.focus({ preventScroll: true });
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  fill(text, picks = {}) {
    this.field.value = text;
    this.picks = picks;
    this.typed();
    this.focus();
  }

  // Typing

  typed() {
    remember(
      this.session.me,
      this.key,
      this.field.value ? { text: this.field.value, picks: this.picks } : null,
    );
    this.complete();
    this.refresh();
  }

  refresh() {
    if (!CSS.supports("field-sizing", "content")) grow(this.field);
    this.send.disabled = !this.field.value.trim() && !this.files.list.length;
    const command = this.commandTyped();
    const known = command && this.session.store.commands.find((one) => one.command === command.name);
    const words =
      known && !this.completion.isOpen
        ? [known.usage_hint && `${known.command} ${known.usage_hint}`, known.description]
            .filter(Boolean)
            .join(" — ")
        : "";
    this.hint.textContent = words;
    this.hint.hidden = !words;
  }

  complete() {
    const { value, selectionStart, selectionEnd } = this.field;
    this.completion.update(
      selectionStart === selectionEnd ? suggest(this.session.store, value.slice(0, selectionStart)) : null,
    );
  }

  accept(choice, from) {
    const caret = this.field.selectionStart;
    this.field.setRangeText(choice.insert, from, caret, "end");
    Object.assign(this.picks, choice.pick);
    this.typed();
    this.field.focus();
  }

  keydown(event) {
    if (event.isComposing) return;
    if (this.completion.keydown(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.field.value && this.recallLast()) {
      event.preventDefault();
    }
  }

  /** ↑ in an empty field: the last command again, or the last message to edit. */
  recallLast() {
    if (!this.lastCommand) return this.editLast();
    this.fill(this.lastCommand);
    return true;
  }

  restore() {
    const draft = recall(this.session.me, this.key);
    if (draft) {
      this.field.value = draft.text;
      this.picks = draft.picks ?? {};
    }
    this.refresh();
  }

  empty() {
    this.field.value = "";
    this.picks = {};
    this.typed();
  }

  // Sending

  commandTyped() {
    const match = COMMAND.exec(this.field.value.trim());
    return match && { name: match[1], text: (match[2] ?? "").trim() };
  }

  submit() {
    const text = this.field.value.trim();
    if (!text && !this.files.list.length) return;
    const files = this.files.take();
    const draft = { text: this.field.value, picks: this.picks };
    const command = files.length ? null : this.commandTyped();
    this.empty();
    this.waiting = (this.waiting ?? Promise.resolve()).then(() =>
      this.deliver({ text, files, command, draft }),
    );
  }

  /** One after the other, in the order in which they were sent. */
  async deliver({ text, files, command, draft }) {
    this.element.setAttribute("aria-busy", "true");
    const done = command ? await this.run(command) : await this.write(text, files, draft.picks);
    this.element.removeAttribute("aria-busy");
    if (done) {
      this.lastCommand = command ? text : null;
      this.sent();
    } else this.giveBack(draft, files);
  }

  /** What could not be sent stands in the field again, unless something else does by now. */
  giveBack(draft, files) {
    this.files.add(files);
    if (this.field.value) return;
    this.field.value = draft.text;
    this.picks = draft.picks;
    this.typed();
    this.completion.close();
  }

  async run({ name, text }) {
    if (this.thread) {
      this.session.say(`${name} is not supported in threads. Sorry!`);
      return false;
    }
    return this.session.attempt("command", { channel: this.channel.id, command: name, text });
  }

  /** The words go with the last file, or alone. */
  async write(text, files, picks) {
    const where = { channel: this.channel.id, thread_ts: this.thread || undefined };
    const used = Object.keys(picks).some((label) => text.includes(label));
    const words = used ? { text: toSource(text, picks), mentions: true } : { text };
    if (!files.length) return this.session.attempt("message", { ...where, ...words });
    while (files.length) {
      const isLast = files.length === 1;
      if (!(await this.session.share({ ...where, ...(isLast ? words : {}) }, files[0]))) return false;
      files.shift();
    }
    return true;
  }

  openShortcuts(anchor) {
    const { store } = this.session;
    const shortcuts = store.shortcuts
      .filter((one) => one.type === "global")
      .map((one) => ({
        label: one.name,
        detail: [store.app.name, one.description].filter(Boolean).join(": "),
        icon: "bolt",
        testid: `shortcut-${one.callback_id}`,
        run: () => this.session.attempt("shortcut", { callback_id: one.callback_id }),
      }));
    const commands = this.thread
      ? []
      : store.commands.map((one) => ({
          label: one.command,
          detail: one.description,
          icon: "app",
          run: () => this.fill(`${one.command} `),
        }));
    const file = { label: "Attach a file", icon: "attach", run: () => this.files.choose() };
    const groups = [shortcuts, commands, [file]].filter((group) => group.length);
    openMenu(
      anchor,
      groups.flatMap((group, index) => (index ? [null, ...group] : group)),
      { label: "Shortcuts", testid: "shortcut-menu" },
    );
  }
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
