// The page around it all: which place is shown, which panel stands beside it, and the keys that work everywhere.

import { AppView } from "./app_view.js";
import { Conversation } from "./conversation.js";
import { avatar, h, icon, iconButton } from "./dom.js";
import { FaultsPanel } from "./faults.js";
import { ModalHost } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { openSwitcher } from "./switcher.js";
import { Thread } from "./thread.js";
import { TrafficPanel } from "./traffic.js";

const PANELS = { faults: FaultsPanel, traffic: TrafficPanel };

export class Shell {
  /** `actAs(id)` and `beside(id)` are the page's: they outlive this session. */
  constructor(session, { actAs, beside }) {
    Object.assign(this, { session, actAs });
    this.sidebar = new Sidebar(session, { actAs, beside });
    this.head = h("header", { class: "main-head" });
    this.strip = h("div", { class: "strip-area", role: "status" });
    this.content = h("div", { class: "main-content" });
    this.main = h(
      "main",
      { class: "main", id: "main", "aria-label": "Conversation" },
      this.head,
      this.strip,
      this.content,
    );
    this.side = h("aside", { class: "side-panel", "aria-label": "Beside the conversation", hidden: true });
    this.veil = h("div", { class: "veil", on: { click: () => this.drawer(false) } });
    this.element = h("div", { class: "shell" }, this.sidebar.element, this.veil, this.main, this.side);
    this.onMove = (place, before, focus) => this.moved(place, before, focus);
    session.moved.add(this.onMove);
    this.onLeave = (words) => this.showPlace(null, words);
    session.left.add(this.onLeave);
    this.ends = [
      session.store.subscribe(["app", "stream"], () => this.drawStrip()),
      session.store.subscribe(["faults", "channels"], () => this.drawHead()),
    ];
    const { signal } = session.ended;
    document.addEventListener("keydown", (event) => this.keydown(event), { signal });
  }

  begin() {
    this.drawHead();
    this.drawStrip();
    this.showPlace(null);
    this.showSide(null);
    this.modals = new ModalHost(this.session);
  }

  moved(place, before, focus) {
    this.drawer(false);
    if (place.channel !== before.channel || place.app !== before.app) this.showPlace(focus);
    else if (place.message && !place.thread) this.showMessage(place.message);
    if (place.thread !== before.thread || place.panel !== before.panel || place.channel !== before.channel)
      this.showSide(focus);
    else if (place.thread && place.message) this.beside.begin(place.message);
    else if (focus === "thread") this.session.focusComposer(true);
    this.sidebar.draw();
    this.drawHead();
  }

  // The place

  /** `words` stand in the middle instead of the place. */
  showPlace(focus, words = null) {
    const { session } = this;
    const { place, store } = session;
    this.place?.destroy();
    const channel = store.channels.get(place.channel);
    if (words) {
      this.place = null;
      this.content.replaceChildren(h("p", { class: "empty" }, words));
      return;
    }
    if (place.app) this.place = new AppView(session, place.app);
    else if (channel) this.place = new Conversation(session, channel);
    else {
      this.place = null;
      this.content.replaceChildren(h("p", { class: "empty" }, "There is no channel here yet."));
      return;
    }
    this.content.replaceChildren(this.place.element);
    const message = place.thread && place.message !== place.thread ? null : place.message;
    if (place.app) this.place.begin(focus);
    else this.place.begin(message, !place.thread);
  }

  async showMessage(ts) {
    if (this.place instanceof Conversation) await this.place.begin(ts);
  }

  // The panel: a thread, or a tool

  showSide(focus) {
    const { session } = this;
    const { thread, panel, channel, message } = session.place;
    this.beside?.destroy();
    this.beside = null;
    const room = session.store.channels.get(channel);
    if (PANELS[panel]) this.beside = new PANELS[panel](session);
    else if (thread && room) this.beside = new Thread(session, room, thread);
    this.side.replaceChildren(...(this.beside ? [this.beside.element] : []));
    this.side.hidden = !this.beside;
    this.element.classList.toggle("has-side", Boolean(this.beside));
    this.beside?.begin(message, focus === "thread");
  }

  // The head

  drawHead() {
    const { session } = this;
    const { place, store } = session;
    const channel = store.channels.get(place.channel);
    const focused = this.head.contains(document.activeElement) && document.activeElement.dataset.key;
    const menu = iconButton(
      "menu",
      "Workspace: people and channels",
      () => this.drawer(!this.element.classList.contains("is-open")),
      { class: "menu-button", "aria-controls": "sidebar", data: { key: "menu" } },
    );
    const me = store.person(store.me);
    const who = h(
      "button",
      {
        type: "button",
        class: "who",
        title: "Act as somebody else",
        data: { key: "who" },
        on: { click: () => this.drawer(true) },
      },
      avatar(me, "tiny"),
      store.nameOf(store.me),
      h("span", { class: "muted" }, me?.title ?? ""),
    );
    this.head.replaceChildren(
      menu,
      h("div", { class: "head-words" }, ...this.titleOf(place, channel)),
      who,
      this.tools(),
    );
    if (focused) this.head.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  titleOf(place, channel) {
    const { store } = this.session;
    if (place.app)
      return [
        h(
          "h1",
          {},
          h("span", { class: "avatar bot small", "aria-hidden": "true" }, icon("app", 14)),
          store.app.name,
        ),
      ];
    if (!channel) return [h("h1", {}, store.team.name)];
    if (channel.is_im || channel.is_mpim) return [h("h1", {}, store.channelName(channel))];
    const count = channel.members?.length ?? 0;
    return [
      h("h1", {}, icon(channel.is_private ? "lock" : "hash", 17), channel.name),
      h(
        "span",
        { class: "head-detail", title: (channel.members ?? []).map((id) => store.nameOf(id)).join(", ") },
        `${count} member${count === 1 ? "" : "s"}`,
      ),
      channel.topic ? h("span", { class: "head-detail topic" }, channel.topic) : null,
    ].filter(Boolean);
  }

  tools() {
    const { faults } = this.session.store;
    const toggle = (name) => this.session.go({ panel: this.session.place.panel === name ? null : name });
    const tool = (name, iconName, label, count) =>
      h(
        "button",
        {
          type: "button",
          class: "head-tool",
          "aria-pressed": String(this.session.place.panel === name),
          data: { key: name, testid: `open-${name}` },
          on: { click: () => toggle(name) },
        },
        icon(iconName, 16),
        h("span", { class: "tool-name" }, label),
        count ? h("span", { class: "count" }, String(count)) : null,
      );
    const find = h(
      "button",
      {
        type: "button",
        class: "head-tool",
        title: "Go to… (Ctrl+K)",
        data: { key: "switch", testid: "open-switcher" },
        on: { click: () => this.switchPlace() },
      },
      icon("search", 16),
      h("span", { class: "tool-name" }, "Go to"),
    );
    return h(
      "div",
      { class: "tools" },
      find,
      tool("faults", "cloud", "Bad days", faults?.length),
      tool("traffic", "traffic", "Traffic"),
    );
  }

  /** The sidebar, where the window is too narrow to show it always. */
  drawer(open) {
    if (open === this.element.classList.contains("is-open")) return;
    this.element.classList.toggle("is-open", open);
    if (open) this.sidebar.element.querySelector(".act-as-button[aria-current]")?.focus();
  }

  drawStrip() {
    const { app, stream } = this.session.store;
    const words =
      stream === "waiting"
        ? "The playground does not answer. Trying again…"
        : app.connected
          ? ""
          : `${app.name} is not connected. Its commands and buttons will not answer until it is.`;
    if (words === this.stripWords) return;
    this.stripWords = words;
    this.strip.replaceChildren(
      ...(words ? [h("p", { class: "strip", data: { testid: "strip" } }, icon("cloud", 16), words)] : []),
    );
  }

  // Keys that work everywhere

  switchPlace() {
    openSwitcher(this.session, { actAs: this.actAs });
  }

  keydown(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) this.switchPlace();
    } else if (event.key === "F6") {
      event.preventDefault();
      this.nextRegion(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) {
      this.escape();
    }
  }

  escape() {
    if (this.element.classList.contains("is-open")) this.drawer(false);
    else if (this.side.contains(document.activeElement) && this.session.place.panel)
      this.session.go({ panel: null });
    else if (!document.activeElement.closest("textarea, input")) this.session.focusComposer();
  }

  /** F6: sidebar, messages, composer, panel. */
  nextRegion(step) {
    const regions = [
      this.sidebar.element,
      ...this.main.querySelectorAll(".messages, .app-panel, .composer"),
      this.side,
    ].filter((one) => one.offsetParent !== null && !one.hidden);
    const at = regions.findIndex((one) => one.contains(document.activeElement));
    const next = regions[(at + step + regions.length) % regions.length];
    const wanted = ["[aria-current]", "textarea", ".message:last-child", "button, input"].map((one) =>
      next.querySelector(one),
    );
    (wanted.find(Boolean) ?? next).focus();
  }

  destroy() {
    this.ends.forEach((end) => end());
    this.session.moved.delete(this.onMove);
    this.session.left.delete(this.onLeave);
    for (const part of [this.sidebar, this.place, this.beside, this.modals]) part?.destroy();
  }
}
