// The app's own place: its Home tab, and the messages between it and the person.

import { h } from "./dom.js";
import { ViewBody } from "./view_body.js";
import { Conversation } from "./conversation.js";

export class AppView {
  constructor(session, tab) {
    this.session = session;
    this.tab = tab;
    this.parts = [];
    this.tabs = h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": session.store.app.name },
      this.tabButton("home", "Home"),
      this.tabButton("messages", "Messages"),
    );
    this.panel = h("div", {
      class: "app-panel",
      role: "tabpanel",
      id: "app-panel",
      "aria-labelledby": `tab-${tab}`,
    });
    this.element = h("div", { class: "app-view" }, this.tabs, this.panel);
    this.tabs.addEventListener("keydown", (event) => this.keydown(event));
    if (tab === "messages") this.openMessages();
    else this.openHome();
  }

  tabButton(name, label) {
    const selected = name === this.tab;
    return h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        class: "tab",
        "aria-selected": String(selected),
        "aria-controls": "app-panel",
        tabindex: selected ? "0" : "-1",
        data: { testid: `tab-${name}` },
        on: { click: () => this.session.go({ channel: null, thread: null, app: name }, { focus: "tab" }) },
      },
      label,
    );
  }

  keydown(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    this.session.go(
      { channel: null, thread: null, app: this.tab === "home" ? "messages" : "home" },
      { focus: "tab" },
    );
  }

  openHome() {
    const { session, panel } = this;
    panel.dataset.testid = "home";
    panel.classList.add("home");
    panel.tabIndex = 0;
    const body = new ViewBody(session, "home");
    const draw = () => {
      const { home, app } = session.store;
      if (home) {
        if (!body.element.isConnected) panel.replaceChildren(body.element);
        body.follow(home);
      } else
        panel.replaceChildren(
          h(
            "p",
            { class: "empty" },
            app.connected
              ? `${app.name} has published nothing here yet.`
              : `${app.name} is not connected, so there is nothing to see here yet.`,
          ),
        );
    };
    this.parts.push(session.store.subscribe(["home", "app"], draw));
    draw();
    session.attempt("home", { tab: "home" });
  }

  async openMessages() {
    const { session, panel } = this;
    const channel = session.store.appMessages ?? (await this.startMessages());
    session.attempt("home", { tab: "messages" });
    if (!channel || this.ended) return;
    const conversation = new Conversation(session, channel, { embedded: true });
    this.parts.push(() => conversation.destroy());
    panel.replaceChildren(conversation.element);
    conversation.begin();
  }

  async startMessages() {
    const { session } = this;
    try {
      const { channel } = await session.ask("open", { users: [session.store.app.bot_user] });
      session.store.putChannel(channel);
      return session.store.channels.get(channel.id);
    } catch (error) {
      session.report(error);
      return null;
    }
  }

  begin(focus) {
    if (focus === "tab") this.tabs.querySelector("[aria-selected=true]").focus();
  }

  destroy() {
    this.ended = true;
    this.parts.forEach((end) => end());
  }
}
