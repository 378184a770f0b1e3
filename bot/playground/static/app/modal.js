// The modal on top of the person's stack. The playground owns the stack; this shows it and asks for changes.

import { ApiError } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { rescueToasts } from "./toast.js";
import { ViewBody } from "./view_body.js";

const FIRST_FIELD = "input:not([type=hidden]), textarea, [contenteditable=true], select, [role=combobox]";
const ONE_LINE = "input:not([type=checkbox]):not([type=radio]):not([role=combobox]):not([role=searchbox])";

export class ModalHost {
  constructor(session) {
    this.session = session;
    this.dialog = null;
    this.unsubscribe = session.store.subscribe(["views"], () => this.follow());
    this.follow();
  }

  follow() {
    const { views } = this.session.store;
    const top = views.at(-1);
    if (!top) this.hide();
    else if (this.dialog && this.shown === top.id && this.depth === views.length) this.update(top);
    else this.show(top, views.length);
  }

  show(view, depth) {
    if (!this.dialog) this.open();
    this.leave();
    this.shown = view.id;
    this.depth = depth;
    this.body = new ViewBody(this.session, "modal");
    this.head = h("header", { class: "modal-head" });
    this.problem = h("div", { class: "modal-problem", role: "alert" });
    this.foot = h("footer", { class: "modal-foot" });
    this.scroll = h("div", { class: "modal-scroll" }, this.problem, this.body.element);
    this.dialog.replaceChildren(this.head, this.scroll, this.foot);
    this.dialog.dataset.viewId = view.id;
    this.update(view, true);
    this.focusFirst();
  }

  /** Another view takes the place of the one that is shown; it may still be below. */
  leave() {
    const isBelow = this.session.store.views.some((view) => view.id === this.shown);
    if (isBelow) this.body?.flush();
    else this.body?.forget();
  }

  /** The first field; a view that is still loading has none, so this is asked again when it changes. */
  focusFirst() {
    (
      this.body.element.querySelector(FIRST_FIELD) ??
      this.foot.querySelector("button.primary") ??
      this.foot.querySelector("button")
    )?.focus();
    this.waitsForFields = this.foot.contains(document.activeElement);
  }

  update(view, isNew = false) {
    const hadFocus = [this.head, this.foot].map(
      (part) => part.contains(document.activeElement) && document.activeElement.dataset.testid,
    );
    if (isNew) this.body.draw(view);
    else this.body.follow(view);
    this.view = view;
    this.drawFrame(view);
    const wanted = hadFocus.find(Boolean);
    if (!isNew && wanted && this.waitsForFields) this.focusFirst();
    else if (wanted) this.dialog.querySelector(`[data-testid="${wanted}"]`)?.focus();
  }

  drawFrame(view) {
    const { store } = this.session;
    const canGoBack = this.depth > 1;
    this.head.replaceChildren(
      canGoBack
        ? iconButton("back", "Back", () => this.close(), { data: { testid: "modal-back" } })
        : h("span", { class: "avatar bot", "aria-hidden": "true" }, icon("app", 16)),
      h("h2", { id: "modal-title" }, view.title?.text ?? store.app.name),
      iconButton("close", "Close", () => this.close(canGoBack), { data: { testid: "modal-close" } }),
    );
    const buttons = [
      h(
        "button",
        {
          type: "button",
          class: "button",
          data: { testid: "modal-cancel" },
          on: { click: () => this.close() },
        },
        view.close?.text ?? (view.submit ? "Cancel" : "Close"),
      ),
    ];
    if (view.submit) buttons.push(this.submitButton(view));
    this.foot.replaceChildren(h("span", { class: "modal-by" }, `From ${store.app.name}`), ...buttons);
  }

  submitButton(view) {
    const busy = this.busy === view.id;
    return h(
      "button",
      {
        type: "button",
        class: "button primary",
        "aria-busy": busy ? "true" : null,
        disabled: busy,
        data: { testid: "modal-submit" },
        on: { click: () => this.submit() },
      },
      busy ? h("span", { class: "wait-mark", "aria-hidden": "true" }) : null,
      view.submit.text,
    );
  }

  open() {
    this.before = document.activeElement;
    this.dialog = h("dialog", {
      class: "dialog modal",
      "aria-labelledby": "modal-title",
      data: { testid: "modal" },
    });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener(
      "close",
      () => this.dialog && this.dialog.isConnected && this.dialog.showModal(),
    );
    this.dialog.addEventListener("keydown", (event) => this.keydown(event));
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  hide() {
    if (!this.dialog) return;
    const { dialog, before } = this;
    this.body?.forget();
    this.dialog = this.body = this.shown = null;
    rescueToasts();
    dialog.close();
    dialog.remove();
    if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
    else this.session.focusComposer();
  }

  keydown(event) {
    if (event.key === "Tab") this.waitsForFields = false;
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !this.view.submit) return;
    const isOneLine = event.target.matches(ONE_LINE) && !event.target.closest("[role=combobox]");
    if (event.ctrlKey || event.metaKey || isOneLine) {
      event.preventDefault();
      this.submit();
    }
  }

  async close(everything = false) {
    await this.body.flush();
    try {
      await this.session.ask("close", { view_id: this.view.id, everything: everything || undefined });
    } catch (error) {
      if (error.code !== "no_such_view") this.session.report(error); // else it is closed already
    }
  }

  async submit() {
    if (this.busy) return;
    const { view, body } = this;
    this.busy = view.id;
    body.typed.clear(); // all of it goes along
    this.say("");
    this.drawFrame(view);
    this.foot.querySelector("[data-testid=modal-submit]")?.focus();
    try {
      const asked = this.session.ask("submit", { view_id: view.id, state: body.state() });
      body.submission = asked.catch(() => {});
      const answer = await asked;
      if (answer.errors) this.refuse(body, view, answer.errors);
      else if (answer.closed) body.forget();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.errors && Object.keys(error.errors).length) this.refuse(body, view, error.errors);
      else this.say(error.message);
    } finally {
      this.busy = null;
      if (this.dialog && this.shown === view.id) this.finish();
    }
  }

  finish() {
    const isOnButton =
      this.foot.contains(document.activeElement) ||
      document.activeElement === this.dialog ||
      document.activeElement === document.body;
    this.drawFrame(this.view);
    if (isOnButton) this.foot.querySelector("[data-testid=modal-submit]")?.focus();
  }

  /** Errors at the fields; the first one gets the focus. */
  refuse(body, view, errors) {
    if (this.body !== body) return;
    view.state = { values: { ...view.state?.values, ...body.state() } };
    body.draw(view, errors);
    const [first] = view.blocks.map((block) => block.block_id).filter((id) => errors[id]);
    const field =
      first &&
      body.element.querySelector(`[data-block-id="${CSS.escape(first)}"]`)?.querySelector(FIRST_FIELD);
    field?.focus();
  }

  say(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
    if (words) this.scroll.scrollTop = 0;
  }

  destroy() {
    this.unsubscribe();
    if (this.dialog) {
      const { dialog } = this;
      this.dialog = null;
      dialog.close();
      dialog.remove();
    }
  }
}
