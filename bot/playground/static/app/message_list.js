// A list of messages: rows are kept while their records are, new ones are drawn within a frame's time.

import { announce } from "./announce.js";
import { updateBlocks } from "../blocks/index.js";
import { h } from "./dom.js";
import { contextOf, renderMessage } from "./message.js";
import { attachToolbar } from "./message_toolbar.js";
import { morph } from "./morph.js";
import { dateOf, dayKey, dayName } from "./times.js";

const TOGETHER_S = 5 * 60;
const FRAME_MS = 8;
const NEAR_PX = 60;
const MORE_PX = 600;

export class MessageList {
  /** `unread()`: the ts up to which the person had read when the list was opened. */
  constructor(session, { label, inThread = false, timeline, unread = () => null, atBottom = () => {} }) {
    Object.assign(this, { session, inThread, timeline, unread, atBottom });
    this.rows = new Map();
    this.stuck = true;
    this.lastTop = 0;
    this.drawing = null;
    this.inner = h("div", { class: "messages-inner" });
    this.element = h(
      "div",
      {
        class: "messages",
        role: "log",
        "aria-label": label,
        "aria-live": "off",
        "aria-busy": "true",
        tabindex: "0",
      },
      this.inner,
    );
    this.element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.keydown(event));
    this.sizes = new ResizeObserver(() => this.stuck && this.toBottom());
    this.sizes.observe(this.inner);
    this.sizes.observe(this.element);
    attachToolbar(session, this);
  }

  destroy() {
    this.sizes.disconnect();
    cancelAnimationFrame(this.drawing);
  }

  /** Draw what the timeline holds now. */
  draw() {
    cancelAnimationFrame(this.drawing);
    const wanted = this.plan();
    const keep = new Set(wanted.map((row) => row.key));
    for (const [key, row] of this.rows) if (!keep.has(key)) this.drop(key, row);
    this.place(wanted, 0);
  }

  /** What is to be seen, in order: days, the line before what is new, messages. */
  plan() {
    const rows = [];
    const readUpTo = this.inThread ? null : this.unread();
    let before = null;
    let lineDrawn = false;
    for (const message of this.timeline.items) {
      const date = dateOf(message.ts);
      if (!this.inThread && (!before || dayKey(date) !== dayKey(dateOf(before.ts)))) {
        rows.push({ key: `day ${dayKey(date)}`, day: dayName(date) });
        before = null;
      }
      if (
        !lineDrawn &&
        readUpTo &&
        message.ts > readUpTo &&
        message.user !== this.session.store.me &&
        !message.ephemeral
      ) {
        lineDrawn = true;
        rows.push({ key: "new", isNew: true });
        before = null;
      }
      if (this.inThread && message.ts !== this.timeline.thread && !rows.some((row) => row.replies)) {
        rows.push({ key: "replies", replies: this.timeline.items.length - 1 });
        before = null;
      }
      rows.push({ key: message.ts, message, compact: goesWith(before, message), inThread: this.inThread });
      before = message;
    }
    return rows;
  }

  place(wanted, from) {
    const started = performance.now();
    let last = from ? this.rows.get(wanted[from - 1].key).element : null;
    for (let index = from; index < wanted.length; index += 1) {
      if (performance.now() - started > FRAME_MS) {
        this.drawing = requestAnimationFrame(() => this.place(wanted, index));
        return;
      }
      const element = this.row(wanted[index]);
      const next = last ? last.nextSibling : this.inner.firstChild;
      if (element !== next) this.inner.insertBefore(element, next);
      last = element;
    }
    this.element.setAttribute("aria-busy", "false");
    this.drawn();
  }

  drawn() {
    this.announceNew();
    if (this.stuck) this.toBottom();
    this.whenDrawn?.();
  }

  /** Say what came since the last time, but not what oneself wrote. */
  announceNew() {
    const last = this.timeline.items.at(-1);
    if (!last) return;
    const isNew = this.announced && last.ts > this.announced;
    this.announced = last.ts;
    if (!isNew || last.user === this.session.store.me) return;
    const { element } = this.rows.get(last.ts);
    const words = element.querySelector(".message-content, .files, .attachments")?.textContent ?? "";
    announce(
      `${this.session.store.nameOf(last.user)}${last.ephemeral ? ", only visible to you" : ""}: ${words}`,
    );
  }

  row(wanted) {
    const known = this.rows.get(wanted.key);
    if (known?.element.classList.contains("editing")) return known.element;
    if (
      known &&
      known.message === wanted.message &&
      known.compact === wanted.compact &&
      known.day === wanted.day &&
      known.replies === wanted.replies
    )
      return known.element;
    const element =
      known && wanted.message
        ? this.redrawn(known, wanted)
        : wanted.message
          ? renderMessage(this.session, wanted)
          : divider(wanted);
    if (known && known.element !== element) known.element.replaceWith(element);
    this.rows.set(wanted.key, { ...wanted, element });
    return element;
  }

  /** A message drawn again in its own element: its place in the list, its focus and its blocks stay. */
  redrawn({ element }, wanted) {
    const kept = wanted.message.blocks?.length
      ? element.querySelector(":scope > .message-main > .message-content > .blocks")
      : null;
    const place = kept && h("div", {});
    const hadFocus = element.contains(document.activeElement);
    const fresh = renderMessage(this.session, wanted, place);
    if (kept) updateBlocks(kept, wanted.message.blocks, contextOf(this.session, wanted.message));
    element.className = fresh.className;
    element.setAttribute("aria-label", fresh.getAttribute("aria-label"));
    morph(element, fresh, kept, place);
    if (hadFocus && !element.contains(document.activeElement)) element.focus({ preventScroll: true }); // its button is gone
    return element;
  }

  drop(key, row) {
    if (row.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    row.element.remove();
    this.rows.delete(key);
  }

  /** Draw again one message that this page itself changed (while it is being edited). */
  redrawRow(ts) {
    const row = this.rows.get(ts);
    row?.element.classList.remove("editing");
    if (row) this.rows.set(ts, { ...row, message: null });
    this.draw();
  }

  messageAt(element) {
    const ts = element.closest?.(".message")?.dataset.ts;
    return ts ? this.timeline.find(ts) : undefined;
  }

  // Scrolling

  toBottom() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  get isAtBottom() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  /** Only a person goes up: below, a picture that has just loaded takes nobody away from the newest. */
  scrolled() {
    const { scrollTop } = this.element;
    const wentUp = scrollTop < this.lastTop;
    this.lastTop = scrollTop;
    if (this.timeline.hasNewer) this.stuck = false;
    else if (this.isAtBottom) this.stuck = true;
    else if (wentUp) this.stuck = false;
    if (this.stuck) this.atBottom();
    if (this.element.scrollTop < MORE_PX) this.fetch("older");
    else if (this.isAtBottom && this.timeline.hasNewer) this.fetch("newer");
  }

  async fetch(which) {
    const { scrollHeight, scrollTop } = this.element;
    let changed = false;
    try {
      changed = await this.timeline[which]();
    } catch (error) {
      this.session.say(error.message);
    }
    if (!changed) return;
    this.element.setAttribute("aria-busy", "true");
    this.whenDrawn = () => {
      this.whenDrawn = null;
      const anchored = Math.abs(this.element.scrollTop - scrollTop) > 1;
      if (which === "older" && !anchored)
        this.element.scrollTop = scrollTop + this.element.scrollHeight - scrollHeight;
    };
    this.draw();
  }

  /** Bring a message into sight and mark it for a moment. */
  flash(ts) {
    const row = this.rows.get(ts);
    if (!row) return false;
    this.stuck = false;
    row.element.scrollIntoView({ block: "center" });
    row.element.classList.add("flash");
    row.element.addEventListener("animationend", () => row.element.classList.remove("flash"), { once: true });
    this.focus(row.element);
    return true;
  }

  // The keyboard: arrows or j and k from message to message

  focus(element) {
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  keydown(event) {
    const onMessage = event.target.classList.contains("message");
    if ((!onMessage && event.target !== this.element) || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const all = [...this.inner.querySelectorAll(".message")];
    const at = all.indexOf(event.target);
    const moves = {
      ArrowUp: () => (at < 0 ? all.at(-1) : all[at - 1]),
      ArrowDown: () => (at < 0 ? all.at(-1) : all[at + 1]),
      Home: () => all[0],
      End: () => all.at(-1),
    };
    moves.k = moves.ArrowUp;
    moves.j = moves.ArrowDown;
    if (event.key in moves) {
      event.preventDefault();
      this.focus(moves[event.key]());
    } else if (onMessage) {
      this.onMessageKey?.(event, this.messageAt(event.target));
    }
  }
}

function goesWith(before, message) {
  if (!before || before.user !== message.user || before.ephemeral || message.ephemeral) return false;
  if (message.subtype === "thread_broadcast" || message.reply_broadcast) return false;
  return Number(message.ts) - Number(before.ts) < TOGETHER_S;
}

function divider({ day, isNew, replies }) {
  if (replies) return h("div", { class: "reply-line" }, replies === 1 ? "1 reply" : `${replies} replies`);
  if (isNew)
    return h(
      "div",
      { class: "day-line new", role: "separator", "aria-label": "New messages" },
      h("span", {}, "New"),
    );
  return h("div", { class: "day-line", role: "separator", "aria-label": day }, h("span", {}, day));
}
