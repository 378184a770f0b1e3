// Bad days: what may go wrong, on demand. The kinds and their words come from the playground.

import { act, look } from "./api.js";
import { h, iconButton } from "./dom.js";

const HITS = {
  call: "When the app calls Slack",
  event: "When an event is delivered",
  ack: "When the app answers",
  now: "At once",
};

export class FaultsPanel {
  constructor(session) {
    this.session = session;
    this.kinds = [];
    this.status = h("p", { class: "panel-status", role: "status" });
    this.list = h("ul", { class: "fault-list" });
    this.select = h("select", {
      id: "fault-kind",
      data: { testid: "fault-kind" },
      on: { change: () => this.drawFields() },
    });
    this.words = h("p", { class: "fault-words", id: "fault-words" });
    this.fields = h("div", { class: "fault-fields" });
    this.add = h(
      "button",
      { type: "submit", class: "button primary", data: { testid: "fault-add" } },
      "Make it happen",
    );
    this.select.setAttribute("aria-describedby", "fault-words");
    const form = h(
      "form",
      { class: "fault-form" },
      h("label", { for: "fault-kind" }, "What goes wrong"),
      this.select,
      this.words,
      this.fields,
      this.add,
      this.status,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    const clear = h(
      "button",
      { type: "button", class: "button", data: { testid: "fault-clear" }, on: { click: () => this.clear() } },
      "Back to good days",
    );
    this.element = h(
      "section",
      { class: "panel faults", "aria-label": "Bad days", data: { testid: "faults-panel" } },
      h(
        "header",
        { class: "panel-head" },
        h("h2", {}, "Bad days"),
        iconButton("close", "Close bad days", () => session.go({ panel: null })),
      ),
      h(
        "div",
        { class: "panel-scroll" },
        h(
          "p",
          { class: "muted" },
          "Networks break, Slack is slow, tokens are revoked. Make it happen here and see what the app does.",
        ),
        form,
        h("div", { class: "fault-coming" }, h("h3", {}, "Still to come"), clear),
        this.list,
      ),
    );
    this.unsubscribe = session.store.subscribe(["faults"], () => this.refresh());
  }

  async begin() {
    try {
      this.kinds = (await look("/control/fault-kinds")).kinds.filter((one) => one.kind !== "clear");
    } catch (error) {
      this.session.report(error);
      return;
    }
    const groups = Object.entries(HITS).map(([hits, label]) => {
      const kinds = this.kinds.filter((one) => one.hits === hits);
      return kinds.length
        ? h(
            "optgroup",
            { label },
            kinds.map((one) => h("option", { value: one.kind }, one.kind.replaceAll("_", " "))),
          )
        : null;
    });
    this.select.replaceChildren(...groups.filter(Boolean));
    this.drawFields();
    await this.refresh();
  }

  get kind() {
    return this.kinds.find((one) => one.kind === this.select.value);
  }

  drawFields() {
    const { kind } = this;
    this.words.textContent = kind ? capital(kind.words) : "";
    this.fields.replaceChildren(...(kind?.parameters ?? []).map((parameter) => this.field(parameter)));
    this.status.textContent = "";
  }

  field({ name, type, default: standard, words }) {
    const id = `fault-${name}`;
    const isNumber = type !== "string";
    const input = h("input", {
      id,
      name,
      type: isNumber ? "number" : "text",
      step: type === "number" ? "any" : null,
      min: isNumber ? "0" : null,
      value: standard ?? "",
      list: name === "channel" ? "fault-channels" : name === "method" ? "fault-methods" : null,
      "aria-describedby": `${id}-words`,
      autocomplete: "off",
    });
    const known = { channel: () => this.channels(), method: () => this.methods() }[name];
    return h(
      "div",
      { class: "fault-field" },
      h("label", { for: id }, labelOf(name)),
      input,
      h("p", { id: `${id}-words`, class: "muted" }, plain(words)),
      known ? known() : null,
    );
  }

  channels() {
    return h(
      "datalist",
      { id: "fault-channels" },
      [...this.session.store.channels.values()].map((one) =>
        h("option", { value: one.id }, this.session.store.channelName(one)),
      ),
    );
  }

  methods() {
    const usual = [
      "*",
      "chat.postMessage",
      "chat.update",
      "chat.postEphemeral",
      "views.open",
      "views.update",
      "views.publish",
      "files.completeUploadExternal",
      "upload",
      "response_url",
      "usergroups.users.list",
    ];
    return h(
      "datalist",
      { id: "fault-methods" },
      usual.map((one) => h("option", { value: one })),
    );
  }

  async submit() {
    const body = { kind: this.kind.kind };
    for (const { name, type } of this.kind.parameters) {
      const given = this.fields.querySelector(`[name="${name}"]`).value.trim();
      if (given) body[name] = type === "string" ? given : Number(given);
    }
    try {
      await act("fault", body);
      this.status.textContent = this.kind.hits === "now" ? "Done." : "It waits for its moment.";
      await this.refresh();
    } catch (error) {
      this.session.report(error);
    }
  }

  async clear() {
    try {
      await act("fault", { kind: "clear" });
      await this.refresh();
    } catch (error) {
      this.session.report(error);
    }
  }

  async refresh() {
    let faults;
    try {
      ({ faults } = await look("/control/faults"));
    } catch {
      return; // the page says elsewhere that the playground does not answer
    }
    this.list.replaceChildren(
      ...(faults.length ? faults.map(item) : [h("li", { class: "muted" }, "Nothing. It is a good day.")]),
    );
  }

  destroy() {
    this.unsubscribe();
  }
}

function item(fault) {
  const where = [fault.method, fault.channel, fault.envelope, fault.token && `${fault.token} token`]
    .filter(Boolean)
    .join(" · ");
  const times =
    fault.times === null || fault.times === undefined
      ? "until restored"
      : fault.times === 1
        ? "once"
        : `${fault.times} times`;
  return h(
    "li",
    { class: "fault-item", data: { kind: fault.kind } },
    h("strong", {}, fault.kind.replaceAll("_", " ")),
    h("span", {}, [where, times].filter(Boolean).join(" · ")),
    h("span", { class: "muted" }, fault.words ?? ""),
  );
}

/** "retry_after_s" is "Retry after (s)". */
function labelOf(name) {
  return capital(name.replace(/_s$/, " (s)").replaceAll("_", " "));
}

const plain = (words) => capital(words.replaceAll("`", ""));
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
