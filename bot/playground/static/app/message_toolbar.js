// What can be done with a message: a toolbar on the one under the pointer or the focus, and its menu.

import { askConfirm } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { react } from "./message.js";
import { editInPlace } from "./message_edit.js";
import { openMenu } from "./menu.js";
import { permalink } from "./place.js";

const QUICK = ["white_check_mark", "eyes"];

/** One toolbar for the list; it moves to the message that is looked at. */
export function attachToolbar(session, list) {
  let shown = null;

  function show(element) {
    if (shown?.parentElement === element) return;
    hide();
    const message = list.messageAt(element);
    if (!message || element.classList.contains("editing")) return;
    shown = toolbar(session, list, message, element);
    element.append(shown);
  }

  function hide() {
    if (!shown || (shown.isConnected && shown.querySelector("[aria-expanded=true]"))) return;
    shown.remove();
    shown = null;
  }

  list.element.addEventListener("pointerover", (event) => {
    const element = event.target.closest(".message");
    if (element) show(element);
  });
  list.element.addEventListener("pointerleave", () => !shown?.contains(document.activeElement) && hide());
  list.element.addEventListener("focusin", (event) => {
    const element = event.target.closest(".message");
    if (element) show(element);
  });
  list.element.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !list.element.contains(event.relatedTarget)) hide();
  });
  attachKeys(session, list);
}

function attachKeys(session, list) {
  list.onMessageKey = (event, message) => {
    const does = {
      Enter: reply,
      r: reply,
      t: reply,
      e: () => own(session, message) && editInPlace(session, list, message),
    }[event.key];
    if (!does || !message || message.ephemeral) return;
    event.preventDefault();
    does(session, message);
  };
}

function toolbar(session, list, message, element) {
  const more = iconButton(
    "more",
    "More actions",
    (event) => openMore(session, list, message, event.currentTarget),
    { "aria-haspopup": "menu" },
  );
  if (message.ephemeral)
    return bar(iconButton("close", "Dismiss", () => session.attempt("dismiss", where(message))));
  return bar(
    QUICK.map((name) => quick(session, message, name)),
    iconButton("smile", "Add a reaction", (event) => react(session, message, event.currentTarget), {
      "aria-haspopup": "menu",
      data: { testid: "react" },
    }),
    list.inThread
      ? null
      : iconButton("thread", "Reply in thread", () => reply(session, message), {
          data: { testid: "reply-in-thread" },
        }),
    iconButton("link", "Copy link", () => copyLink(session, message), { data: { testid: "copy-link" } }),
    more,
  );
}

function bar(...children) {
  return h(
    "div",
    { class: "message-tools", role: "toolbar", "aria-label": "Message actions" },
    children.flat(),
  );
}

function quick(session, message, name) {
  const words = name.replaceAll("_", " ");
  const send = () => session.attempt("react", { channel: message.channel, message_ts: message.ts, name });
  const button = h("button", {
    type: "button",
    class: "icon-button",
    title: words,
    "aria-label": `React with ${words}`,
    on: { click: send },
  });
  button.append(session.emoji(name));
  return button;
}

const where = (message) => ({ channel: message.channel, ts: message.ts });
const own = (session, message) => message.user === session.store.me && !message.bot_id;

function reply(session, message) {
  session.go({ thread: message.thread_ts || message.ts, panel: null }, { focus: "thread" });
}

function openMore(session, list, message, anchor) {
  const { store } = session;
  const shortcuts = store.shortcuts
    .filter((one) => one.type === "message")
    .map((one) => ({
      label: one.name,
      detail: one.description ? `${store.app.name}: ${one.description}` : store.app.name,
      icon: "bolt",
      testid: `shortcut-${one.callback_id}`,
      run: () =>
        session.attempt("shortcut", {
          callback_id: one.callback_id,
          channel: message.channel,
          message_ts: message.ts,
        }),
    }));
  const entries = [
    { label: "Reply in thread", icon: "thread", run: () => reply(session, message) },
    { label: "Copy link", icon: "link", run: () => copyLink(session, message) },
    ...(shortcuts.length ? [null, ...shortcuts] : []),
  ];
  if (own(session, message)) {
    entries.push(null, {
      label: "Edit message",
      icon: "edit",
      testid: "edit-message",
      run: () => editInPlace(session, list, message),
    });
    entries.push({
      label: "Delete message",
      icon: "trash",
      danger: true,
      testid: "delete-message",
      run: () => remove(session, message),
    });
  }
  openMenu(anchor, entries, { label: "Message actions", testid: "message-menu" });
}

async function remove(session, message) {
  const sure = await askConfirm({
    title: { text: "Delete message" },
    text: { text: "Delete this message? This cannot be undone." },
    confirm: { text: "Delete" },
    style: "danger",
  });
  if (sure) await session.attempt("delete", where(message));
}

async function copyLink(session, message) {
  const link = permalink(message);
  try {
    await navigator.clipboard.writeText(link);
    session.say("Link copied.", "news");
  } catch {
    session.say(`The browser does not let the page copy. The link is ${link}`, "news");
  }
}
