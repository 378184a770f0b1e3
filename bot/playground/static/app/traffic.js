// What passes between the app and the playground, as it passes: the newest on top.

import { look } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { duration, precise } from "./times.js";

const MOST = 400;
const FROM_APP = new Set(["web_api", "upload", "response_url"]);

export class TrafficPanel {
  constructor(session) {
    this.session = session;
    this.entries = [];
    this.last = 0;
    this.open = new Set();
    this.filter = h("input", {
      type: "search",
      placeholder: "Filter: chat.update, error, E-12…",
      "aria-label": "Filter traffic",
      data: { testid: "traffic-filter" },
      on: { input: () => this.draw() },
    });
    this.body = h("tbody", {});
    this.none = h("p", { class: "empty" }, "Nothing has passed yet.");
    const head = h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["Time", "From", "What", "Answer", "Took"].map((name) => h("th", { scope: "col" }, name)),
      ),
    );
    const table = h(
      "table",
      { class: "traffic-table", "aria-label": "Traffic, the newest on top" },
      head,
      this.body,
    );
    const download = h(
      "a",
      {
        class: "icon-button",
        href: "/page/traffic.jsonl",
        download: "traffic.jsonl",
        title: "Download as JSON lines",
        "aria-label": "Download as JSON lines",
      },
      icon("download"),
    );
    this.pause = h(
      "button",
      { type: "button", class: "button", "aria-pressed": "false", on: { click: () => this.togglePause() } },
      "Pause",
    );
    this.element = h(
      "section",
      { class: "panel traffic", "aria-label": "Traffic", data: { testid: "traffic-panel" } },
      h(
        "header",
        { class: "panel-head" },
        h("h2", {}, "Traffic"),
        download,
        iconButton("close", "Close traffic", () => session.go({ panel: null })),
      ),
      h("div", { class: "traffic-tools" }, this.filter, this.pause),
      h(
        "div",
        { class: "panel-scroll", tabindex: "0", role: "region", "aria-label": "Traffic entries" },
        table,
        this.none,
      ),
    );
    this.unsubscribe = session.store.subscribe(["traffic"], () => this.fetch());
  }

  begin() {
    return this.fetch();
  }

  async fetch() {
    if (this.paused || this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    try {
      const { traffic } = await look("/page/traffic", { after: this.last, limit: 200 });
      this.entries = [...this.entries, ...traffic].slice(-MOST);
      this.last = this.entries.at(-1)?.n ?? this.last;
      this.draw();
    } catch {
      // the page says elsewhere that the playground does not answer
    }
    this.fetching = false;
    if (this.again) {
      this.again = false;
      if (!this.paused) await this.fetch();
    }
  }

  togglePause() {
    this.paused = !this.paused;
    this.pause.setAttribute("aria-pressed", String(this.paused));
    this.pause.textContent = this.paused ? "Go on" : "Pause";
    if (!this.paused) this.fetch();
  }

  draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const shown = this.entries.filter((entry) => !wanted || textOf(entry).includes(wanted)).reverse();
    const known = new Map([...this.body.children].map((row) => [row.dataset.key, row]));
    const rows = shown.flatMap((entry) => {
      const row = known.get(`${entry.n}`) ?? this.row(entry);
      return this.open.has(entry.n) ? [row, known.get(`${entry.n} more`) ?? details(entry)] : [row];
    });
    const keep = new Set(rows);
    for (const row of [...this.body.children]) if (!keep.has(row)) row.remove();
    rows.forEach(
      (row, index) =>
        this.body.children[index] !== row && this.body.insertBefore(row, this.body.children[index] ?? null),
    );
    this.none.hidden = rows.length > 0;
    this.none.textContent = wanted ? "Nothing matches." : "Nothing has passed yet.";
  }

  row(entry) {
    const { words, isBad } = answerOf(entry);
    const toggle = h(
      "button",
      {
        type: "button",
        class: "traffic-name",
        "aria-expanded": "false",
        on: { click: () => this.toggle(entry, toggle) },
      },
      entry.name,
    );
    const about = aboutOf(entry);
    return h(
      "tr",
      { class: isBad ? "is-bad" : "", data: { key: entry.n } },
      h("td", { class: "mono" }, precise(new Date(entry.at * 1000))),
      h("td", {}, FROM_APP.has(entry.kind) ? "app →" : "→ app"),
      h("td", {}, toggle, about ? h("span", { class: "traffic-about" }, about) : null),
      h("td", { class: "traffic-answer" }, words),
      h("td", { class: "mono" }, duration(entry.duration_s)),
    );
  }

  toggle(entry, button) {
    if (this.open.has(entry.n)) this.open.delete(entry.n);
    else this.open.add(entry.n);
    button.setAttribute("aria-expanded", String(this.open.has(entry.n)));
    this.draw();
  }

  destroy() {
    this.unsubscribe();
  }
}

/** What an exchange is about, in a few words: the command, the button, the event. */
function aboutOf({ name, arguments: given }) {
  if (!given || typeof given !== "object") return "";
  if (name === "slash_commands") return `${given.command} ${given.text ?? ""}`;
  if (name === "interactive")
    return [
      given.type,
      given.actions?.[0]?.action_id ?? given.view?.callback_id ?? given.callback_id ?? given.action_id,
    ]
      .filter(Boolean)
      .join(" ");
  if (name === "events_api") return given.event?.type ?? "";
  return "";
}

function answerOf({ answer, status }) {
  if (typeof answer === "string") return { words: answer, isBad: /no ack|closed|lost|drop/.test(answer) };
  if (answer === null || answer === undefined)
    return { words: status ? `HTTP ${status}` : "none", isBad: true };
  if (answer.ok === false) return { words: answer.error ?? "refused", isBad: true };
  const action = answer.response_action;
  return {
    words: action || (answer.options ? `${answer.options.length} options` : "ok"),
    isBad: action === "errors",
  };
}

function textOf(entry) {
  entry.text ??= JSON.stringify([entry.kind, entry.name, entry.arguments, entry.answer]).toLowerCase();
  return entry.text;
}

function details(entry) {
  const { n, at, kind, name, arguments: given, answer, text, ...rest } = entry;
  const part = (title, value) => [
    h("h3", {}, title),
    h("pre", { tabindex: "0", "aria-label": `${title} of ${name}` }, JSON.stringify(value, null, 2)),
  ];
  return h(
    "tr",
    { class: "traffic-more", data: { key: `${n} more` } },
    h(
      "td",
      { colspan: "5" },
      part("Arguments", given),
      part("Answer", answer),
      Object.keys(rest).length ? part("More", { kind, ...rest }) : null,
    ),
  );
}
