// The blocks of a view in a person's hands. What is typed is kept by the playground, so that it survives.

import { readState, renderBlocks, updateBlocks } from "../blocks/index.js";
import { h } from "./dom.js";
import { TAB } from "./tab.js";

const PAUSE_MS = 250;

export class ViewBody {
  constructor(session, surface) {
    this.session = session;
    this.surface = surface;
    this.element = h("div", { class: `view-body view-${surface}` });
    this.view = null;
    this.errors = {};
    this.typed = new Set(); // "block_id action_id" of what the playground has not been told yet
    this.timer = null;
    this.submission = null; // settles when the app has answered
    this.over = false;
    this.flushNow = () => this.flush({ keepalive: true });
    this.element.addEventListener("input", (event) => {
      this.forgive(event.target.closest("[data-block-id]")?.dataset.blockId);
    });
  }

  /** The view is gone, or what it holds has been submitted: there is nothing left to tell of it. */
  forget() {
    this.over = true;
    this.typed.clear();
    clearTimeout(this.timer);
    window.removeEventListener("pagehide", this.flushNow);
  }

  /** Letters reach the app a moment after they were typed; by then the view may be submitted and gone. */
  async acted(action, act) {
    if (!action.element?.dispatch_action_config) this.forgive(action.block_id);
    await this.submission;
    return this.over ? false : act(action);
  }

  /** Show a view; the same view again keeps focus, caret and what was typed. */
  draw(view, errors = this.errors) {
    const isSame = this.view?.id === view.id;
    if (!isSame) {
      this.flush();
      errors = {};
    }
    this.view = view;
    this.errors = errors;
    this.drawn = signature(view, errors);
    const context = this.session.blockContext({
      surface: this.surface,
      view,
      values: view.state?.values ?? {},
      errors,
      changed: (change) => this.changed(change),
    });
    const { act } = context;
    context.act = (action) => this.acted(action, act);
    if (isSame) updateBlocks(this.element.firstChild, view.blocks, context);
    else this.element.replaceChildren(renderBlocks(view.blocks, context));
  }

  /** Show it only where it differs from what is shown. */
  follow(view) {
    if (this.view?.id !== view.id || signature(view, this.errors) !== this.drawn)
      this.draw(view, this.standing(view));
  }

  /** Errors stay until their field is corrected or gone: an update on its way when they came hides none. */
  standing(view) {
    const ids = new Set(view.blocks.map((block) => block.block_id));
    return Object.fromEntries(Object.entries(this.errors).filter(([id]) => ids.has(id)));
  }

  changed({ block_id, action_id }) {
    this.typed.add(JSON.stringify([block_id, action_id]));
    this.forgive(block_id); // a choice is no input of the browser's own
    window.addEventListener("pagehide", this.flushNow);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Somebody is correcting the field: its error has been read. */
  forgive(blockId) {
    if (!this.errors[blockId]) return;
    const { [blockId]: _gone, ...rest } = this.errors;
    this.draw(this.view, rest);
  }

  /** Tell the playground what has been typed; it tells nobody. */
  async flush(options) {
    clearTimeout(this.timer);
    window.removeEventListener("pagehide", this.flushNow);
    const { view, typed } = this;
    if (!view || !typed.size) return;
    this.typed = new Set();
    const state = pick(this.state(), typed);
    view.state = { values: merged(view.state?.values ?? {}, state) };
    this.drawn = signature(view, this.errors);
    try {
      await this.session.ask("type", { view_id: view.id, state, tab: TAB }, options);
    } catch (error) {
      if (this.view?.id === view.id && error.status === 0) this.session.report(error);
    }
  }

  state() {
    return readState(this.element);
  }
}

function pick(state, typed) {
  const result = {};
  for (const [block, action] of [...typed].map((one) => JSON.parse(one))) {
    const value = state[block]?.[action];
    if (value) (result[block] ??= {})[action] = value;
  }
  return result;
}

function merged(values, typed) {
  const result = { ...values };
  for (const [block, actions] of Object.entries(typed)) result[block] = { ...result[block], ...actions };
  return result;
}

function signature(view, errors) {
  return JSON.stringify([view.hash, view.state?.values ?? {}, errors]);
}
