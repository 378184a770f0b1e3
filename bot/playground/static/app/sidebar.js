// Who one is, where one can go, and what waits there.

import { avatar, h, icon, iconButton } from "./dom.js";

export class Sidebar {
  constructor(session, { actAs, beside }) {
    Object.assign(this, { session, actAs, beside });
    this.people = h("ul", { class: "act-as-list" });
    this.channels = h("ul", { class: "side-list", data: { testid: "channel-list" } });
    this.direct = h("ul", { class: "side-list", data: { testid: "direct-list" } });
    this.apps = h("ul", { class: "side-list", data: { testid: "app-list" } });
    const { team } = session.store;
    this.element = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Workspace" },
      h(
        "div",
        { class: "team" },
        h("span", { class: "team-name" }, team.name),
        h("span", { class: "team-note" }, "a local workspace"),
      ),
      section("act-as-title", "Acting as", this.people, { testid: "act-as" }),
      h(
        "div",
        { class: "side-scroll" },
        section("channels-title", "Channels", this.channels),
        section("direct-title", "Direct messages", this.direct),
        section("apps-title", "Apps", this.apps),
      ),
    );
    this.unsubscribe = session.store.subscribe(["channels", "app", "people"], () => this.draw());
    this.element.addEventListener("keydown", (event) => this.keydown(event));
    this.draw();
  }

  draw() {
    const focused = this.element.contains(document.activeElement) && document.activeElement.dataset.key;
    const { store } = this.session;
    const channels = [...store.channels.values()];
    const byName = (one, other) => store.channelName(one).localeCompare(store.channelName(other));
    this.people.replaceChildren(
      ...[...store.people.values()].filter((person) => !person.is_bot).map((person) => this.person(person)),
    );
    const rooms = channels
      .filter(
        (one) => !one.is_im && !one.is_mpim && (!one.is_archived || this.session.place.channel === one.id),
      )
      .sort(byName);
    this.channels.replaceChildren(...rooms.map((one) => this.room(one)));
    this.direct.replaceChildren(...this.directs(channels, byName));
    this.apps.replaceChildren(this.app());
    if (focused)
      this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.title(channels);
  }

  title(channels) {
    const waiting = channels.reduce((sum, one) => sum + (one.is_im ? one.unread || 0 : one.mentions || 0), 0);
    const { store } = this.session;
    document.title = `${waiting ? `(${waiting}) ` : ""}${store.nameOf(store.me)} · ${store.team.name} (not Slack)`;
  }

  person(person) {
    const { me } = this.session;
    const isMe = person.id === me;
    const name = person.real_name || person.name;
    return h(
      "li",
      { class: isMe ? "act-as is-me" : "act-as" },
      h(
        "button",
        {
          type: "button",
          class: "act-as-button",
          "aria-current": isMe ? "true" : null,
          data: { key: `person ${person.id}`, userId: person.id },
          on: { click: () => !isMe && this.actAs(person.id) },
        },
        avatar(person, "small"),
        h(
          "span",
          { class: "act-as-words" },
          h("span", { class: "act-as-name" }, name, " ", isMe ? h("span", { class: "you" }, "you") : null),
          h("span", { class: "act-as-title" }, person.title),
        ),
      ),
      isMe
        ? null
        : iconButton("beside", `Open beside as ${name}`, () => this.beside(person.id), {
            class: "on-side",
            data: { key: `beside ${person.id}` },
          }),
    );
  }

  room(channel) {
    return this.entry(
      channel,
      icon(channel.is_private ? "lock" : "hash", 15),
      channel.name,
      channel.is_private ? "private channel" : "channel",
    );
  }

  directs(channels, byName) {
    const { store } = this.session;
    const known = channels
      .filter((one) => (one.is_im || one.is_mpim) && !one.members?.includes(store.app.bot_user))
      .sort(byName);
    const met = new Set(known.filter((one) => one.is_im).flatMap((one) => one.members));
    const others = [...store.people.values()].filter(
      (person) => !person.is_bot && person.id !== store.me && !met.has(person.id),
    );
    const pictured = (channel) => {
      const other = channel.members.find((id) => id !== store.me) ?? store.me;
      return this.entry(
        channel,
        avatar(store.person(other), "tiny"),
        store.channelName(channel),
        "direct message",
      );
    };
    return [...known.map(pictured), ...others.map((person) => this.stranger(person))];
  }

  /** Somebody with whom there is no direct message yet. */
  stranger(person) {
    const open = async () => {
      const { place } = this.session;
      this.session.leave(`Opening your messages with ${person.real_name || person.name}…`);
      try {
        const { channel } = await this.session.ask("open", { users: [person.id] });
        this.session.store.putChannel(channel);
        this.session.go({ channel: channel.id });
      } catch (error) {
        if (this.session.place === place) this.session.leave(null);
        this.session.report(error);
      }
    };
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "side-entry", data: { key: `meet ${person.id}` }, on: { click: open } },
        avatar(person, "tiny"),
        h("span", { class: "side-name" }, person.real_name || person.name),
      ),
    );
  }

  entry(channel, picture, name, what) {
    const current = this.session.place.channel === channel.id;
    const isMember = channel.is_member !== false;
    const unread = isMember && channel.unread > 0;
    const badge = isMember && (channel.is_im || channel.is_mpim ? channel.unread : channel.mentions);
    const words = [
      `${name}, ${what}`,
      unread ? `${channel.unread} unread` : null,
      badge ? `${badge} for you${unread ? "" : " in a thread"}` : null,
    ]
      .filter(Boolean)
      .join(", ");
    const classes = [
      "side-entry",
      current && "is-current",
      (unread || badge) && "is-unread",
      channel.is_member === false && "is-outside",
    ]
      .filter(Boolean)
      .join(" ");
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: classes,
          "aria-current": current ? "page" : null,
          "aria-label": words,
          data: { key: channel.id, channelId: channel.id },
          on: { click: () => this.session.go({ channel: channel.id, thread: null, app: null }) },
        },
        picture,
        h("span", { class: "side-name" }, name),
        badge ? h("span", { class: "count", data: { testid: "mentions" } }, String(badge)) : null,
      ),
    );
  }

  app() {
    const { app, appMessages } = this.session.store;
    const current = Boolean(this.session.place.app);
    const open = () => this.session.go({ channel: null, thread: null, app: "home" });
    const state = app.connected ? "connected" : "not connected";
    const unread = appMessages?.unread || 0;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `side-entry ${current ? "is-current" : ""} ${unread ? "is-unread" : ""}`,
          "aria-current": current ? "page" : null,
          "aria-label": `${app.name}, app, ${state}${unread ? `, ${unread} unread` : ""}`,
          data: { key: "app", testid: "open-app" },
          on: { click: open },
        },
        h("span", { class: "avatar bot tiny" }, icon("app", 12)),
        h("span", { class: "side-name" }, app.name),
        unread ? h("span", { class: "count" }, String(unread)) : null,
        h(
          "span",
          {
            class: `presence ${app.connected ? "is-on" : ""}`,
            title: state,
            data: { testid: "connection", connected: String(Boolean(app.connected)) },
          },
          app.connected ? "connected" : "not connected",
        ),
      ),
    );
  }

  /** Up and down walk through everything in the sidebar. */
  keydown(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = [...this.element.querySelectorAll(".act-as-button, .side-entry")];
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    all[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }

  destroy() {
    this.unsubscribe();
  }
}

function section(id, title, list, data = {}) {
  return h(
    "section",
    { class: "side-section", "aria-labelledby": id, data },
    h("h2", { id, class: "side-title" }, title),
    list,
  );
}
