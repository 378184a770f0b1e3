// A channel or a direct message: its messages, what can be said about it, and the composer.

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { editLast } from "./message_edit.js";
import { MessageList } from "./message_list.js";
import { keyOf } from "./store.js";

export class Conversation {
  constructor(session, channel, { embedded = false } = {}) {
    Object.assign(this, { session, channel, embedded });
    const { store } = session;
    this.name = store.channelName(channel);
    this.timeline = store.timeline(channel.id);
    this.readUpTo = channel.unread ? channel.last_read : null;
    this.list = new MessageList(session, {
      label: `Messages in ${this.title}`,
      timeline: this.timeline,
      unread: () => this.readUpTo,
      atBottom: () => this.markRead(),
    });
    this.notice = h("div", { class: "notice-area" });
    this.jump = h("button", {
      type: "button",
      class: "jump",
      hidden: true,
      on: { click: () => this.toNewest() },
    });
    this.foot = h("div", { class: "conversation-foot" });
    this.element = h(
      "section",
      { class: "conversation", "aria-label": this.title, data: { testid: "channel", channelId: channel.id } },
      this.list.element,
      this.jump,
      this.notice,
      this.foot,
    );
    this.ends = [
      store.subscribe([`messages:${keyOf(channel.id)}`], () => this.draw()),
      store.subscribe(["channels", "app"], () => this.drawFoot()),
    ];
    const look = () => this.lookedAt();
    document.addEventListener("visibilitychange", look);
    this.ends.push(() => document.removeEventListener("visibilitychange", look));
    this.list.element.addEventListener("scroll", () => this.drawJump(), { passive: true });
    this.drawFoot();
  }

  get title() {
    return this.channel.is_im || this.channel.is_mpim ? this.name : `#${this.name}`;
  }

  /** Fetch and show; at a message when the address names one. */
  async begin(message = null, focus = true) {
    try {
      if (message && !this.timeline.find(message)) await this.timeline.load(message);
      else if (!this.timeline.loaded || (this.timeline.hasNewer && !message)) await this.timeline.load();
    } catch (error) {
      this.session.report(error);
    }
    if (this.ended) return;
    this.list.whenDrawn = () => {
      this.list.whenDrawn = null;
      if (message && !this.list.flash(message)) this.session.say("That message is not here any more.");
      this.drawJump();
      this.markRead();
    };
    this.draw();
    if (focus && !message) this.session.focusComposer();
  }

  draw() {
    if (!this.timeline.loaded) return;
    if (this.list.stuck) this.timeline.trim();
    this.list.draw();
    this.intro();
    this.drawJump();
    if (this.list.stuck) this.markRead();
  }

  drawJump() {
    const { hasNewer, missed } = this.timeline;
    const away = hasNewer || !this.list.isAtBottom;
    this.jump.hidden = !away || !this.timeline.items.length;
    this.jump.textContent = missed ? `${missed} newer ↓` : "To the newest ↓";
  }

  async toNewest() {
    if (this.timeline.hasNewer) await this.timeline.load();
    this.list.stuck = true;
    this.list.draw();
    this.list.toBottom();
    this.session.focusComposer();
  }

  /** Whoever comes back to the tab finds a line before what came meanwhile. */
  lookedAt() {
    if (document.visibilityState === "visible") this.markRead();
    else this.readUpTo ??= this.timeline.items.at(-1)?.ts ?? null;
  }

  markRead() {
    const channel = this.session.store.channels.get(this.channel.id);
    const last = this.timeline.items.filter((one) => !one.ephemeral).at(-1)?.ts;
    if (
      !last ||
      !channel ||
      document.visibilityState !== "visible" ||
      !this.list.stuck ||
      this.timeline.hasNewer
    )
      return;
    if (!channel.unread || last <= (this.reading ?? "0")) return;
    this.reading = last;
    this.session.ask("read", { channel: channel.id, ts: last }).catch(() => (this.reading = null));
  }

  /** At the very top: what this place is, and what to try. */
  intro() {
    const known = this.element.querySelector(".intro");
    if (this.timeline.hasOlder) known?.remove();
    else if (!known) this.list.inner.before(this.introduction());
  }

  introduction() {
    const { store } = this.session;
    const [command] = store.commands;
    const isHere = this.channel.members?.includes(store.app.bot_user);
    const words =
      this.channel.purpose ||
      (this.channel.is_im ? `Direct messages with ${this.name}.` : `The very beginning of ${this.title}.`);
    const tries = command && isHere && !this.channel.is_im ? tryCommand(this.session, command) : null;
    return h("div", { class: "intro" }, h("h2", {}, this.title), h("p", {}, words), tries);
  }

  drawFoot() {
    const channel = this.session.store.channels.get(this.channel.id) ?? this.channel;
    const state = JSON.stringify([
      channel.is_archived,
      channel.is_member,
      channel.members?.includes(this.session.store.app.bot_user),
    ]);
    if (state === this.footState) return;
    this.footState = state;
    this.channel = channel;
    this.drawNotice(channel);
    if (channel.is_archived)
      this.foot.replaceChildren(
        h("p", { class: "closed-note" }, "This channel is archived. Nothing can be written here."),
      );
    else if (channel.is_member === false) this.foot.replaceChildren(this.joinNote(channel));
    else if (!this.composer) this.openComposer(channel);
    else if (!this.composer.element.isConnected) this.foot.replaceChildren(this.composer.element);
  }

  openComposer(channel) {
    this.composer = new Composer(this.session, {
      channel,
      label: `Message ${this.title}`,
      editLast: () => editLast(this.session, this.list),
      sent: () => this.sent(),
    });
    this.session.composers.channel = this.composer;
    this.foot.replaceChildren(this.composer.element);
  }

  sent() {
    this.readUpTo = null;
    if (this.timeline.hasNewer) this.toNewest();
    this.list.stuck = true;
    this.list.toBottom();
  }

  joinNote(channel) {
    const join = () => this.session.attempt("members", { channel: channel.id, add: [this.session.me] });
    return h(
      "p",
      { class: "closed-note" },
      `You are looking at ${this.title} from outside.`,
      " ",
      h("button", { type: "button", class: "button primary", on: { click: join } }, "Join channel"),
    );
  }

  drawNotice(channel) {
    const { app } = this.session.store;
    const isHere = channel.members?.includes(app.bot_user);
    if (isHere || channel.is_im || channel.is_mpim || channel.is_archived || !channel.is_member)
      return this.notice.replaceChildren();
    const invite = () =>
      this.session.attempt("members", { channel: channel.id, add: [app.bot_user], inviter: this.session.me });
    return this.notice.replaceChildren(
      h(
        "p",
        { class: "notice" },
        icon("app", 14),
        h("span", {}, `${app.name} is not in this channel.`),
        h("button", { type: "button", class: "link-button", on: { click: invite } }, `Invite ${app.name}`),
      ),
    );
  }

  destroy() {
    this.ended = true;
    this.ends.forEach((end) => end());
    this.list.destroy();
    if (this.session.composers.channel === this.composer) this.session.composers.channel = null;
  }
}

function tryCommand(session, command) {
  const fill = () => session.composers.channel?.fill(`${command.command} `);
  return h(
    "p",
    {},
    "Try ",
    h("button", { type: "button", class: "command-chip", on: { click: fill } }, command.command),
    ` — ${command.description || "a command of the app"}. Then act as somebody else, at the left, to answer.`,
  );
}
