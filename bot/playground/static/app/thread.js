// A thread beside its channel: the message it began with, its replies, and a composer of its own.

import { Composer } from "./composer.js";
import { h, iconButton } from "./dom.js";
import { editLast } from "./message_edit.js";
import { MessageList } from "./message_list.js";
import { keyOf } from "./store.js";

export class Thread {
  constructor(session, channel, ts) {
    Object.assign(this, { session, channel, ts });
    const { store } = session;
    this.timeline = store.timeline(channel.id, ts);
    this.list = new MessageList(session, { label: "Thread", inThread: true, timeline: this.timeline });
    const where =
      channel.is_im || channel.is_mpim ? store.channelName(channel) : `#${store.channelName(channel)}`;
    this.composer = new Composer(session, {
      channel,
      thread: ts,
      label: "Reply…",
      editLast: () => editLast(session, this.list),
      sent: () => {
        this.list.stuck = true;
        this.list.toBottom();
      },
    });
    session.composers.thread = this.composer;
    const head = h(
      "header",
      { class: "panel-head" },
      h("h2", {}, "Thread"),
      h("span", { class: "muted" }, where),
      iconButton("close", "Close thread", () => this.close(), { data: { testid: "close-thread" } }),
    );
    this.element = h(
      "section",
      { class: "thread", "aria-label": "Thread", data: { testid: "thread-panel" } },
      head,
      this.list.element,
      channel.is_archived ? null : this.composer.element,
    );
    this.element.addEventListener("keydown", (event) => this.keydown(event));
    const read = () => this.markRead();
    document.addEventListener("visibilitychange", read);
    this.ends = [
      store.subscribe([`messages:${keyOf(channel.id, ts)}`], () => this.draw()),
      store.subscribe(["channels"], read),
      () => document.removeEventListener("visibilitychange", read),
    ];
  }

  draw() {
    this.list.draw();
    this.markRead();
  }

  /** A mention in a thread has been read where the thread is open, once the channel itself has. */
  markRead() {
    const channel = this.session.store.channels.get(this.channel.id);
    const last = this.timeline.items.findLast((one) => !one.ephemeral)?.ts;
    if (!last || !channel?.mentions || channel.unread || document.visibilityState !== "visible") return;
    if (!this.list.stuck || last <= (this.reading ?? channel.last_read)) return;
    this.reading = last;
    this.session.ask("read", { channel: channel.id, ts: last }).catch(() => (this.reading = null));
  }

  async begin(message, focus) {
    if (focus) this.composer.focus();
    try {
      if (!this.timeline.loaded) await this.timeline.load();
    } catch (error) {
      this.session.report(error);
    }
    if (this.ended) return;
    this.list.whenDrawn = () => {
      this.list.whenDrawn = null;
      if (message && message !== this.ts) this.list.flash(message);
    };
    this.draw();
    if (!this.timeline.items.length)
      this.list.inner.replaceChildren(h("p", { class: "empty" }, "This thread has been deleted."));
  }

  keydown(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    this.close();
  }

  close() {
    this.session.go({ thread: null });
    this.session.focusComposer();
  }

  destroy() {
    this.ended = true;
    this.ends.forEach((end) => end());
    this.list.destroy();
    if (this.session.composers.thread === this.composer) this.session.composers.thread = null;
  }
}
