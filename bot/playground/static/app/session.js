// One person at work: what is known, where they are, and all that they can do.

import { act, ApiError, look, upload } from "./api.js";
import { askConfirm, openLightbox } from "./dialogs.js";
import { snapshotFor } from "./early.js";
import { Stream } from "./live.js";
import { addressOf, placeOfLink, recall, remember } from "./place.js";
import { sentence } from "./sentence.js";
import { Store } from "./store.js";
import { TAB } from "./tab.js";
import { toast } from "./toast.js";
import { emojiFor } from "../blocks/emoji.js";
import { renderMrkdwn } from "../blocks/mrkdwn.js";

export class Session {
  /** Everything for one person; `place` is what the address said. */
  static async open(place) {
    const snapshot = await snapshotFor(place.user);
    const session = new Session(new Store(snapshot), place);
    session.listen();
    return session;
  }

  constructor(store, place) {
    this.store = store;
    this.me = store.me;
    this.place = this.complete({ ...place, user: store.me });
    this.moved = new Set();
    this.left = new Set();
    this.composers = {};
    this.ended = new AbortController();
  }

  end() {
    this.live.close();
    this.ended.abort();
  }

  // The stream

  listen() {
    this.live = new Stream(
      { user: this.me, after: this.store.n, tab: TAB },
      {
        events: (events) => this.store.apply(events),
        reset: () => this.restart(),
        status: (status) => this.store.set("stream", status),
      },
    );
  }

  /** The playground is another one, or too much was missed: begin again from a snapshot. */
  async restart() {
    try {
      this.store.take(await look("/page/state", { user: this.me }));
      await Promise.all(
        [...this.store.timelines.values()].filter((one) => one.loaded).map((one) => one.load()),
      );
      if (this.ended.signal.aborted) return; // somebody else acts in this tab by now
      for (const key of this.store.timelines.keys()) this.store.touch(`messages:${key}`);
      this.listen();
    } catch (error) {
      if (this.ended.signal.aborted) return;
      this.store.set("stream", "waiting");
      setTimeout(() => this.restart(), error.status ? 5000 : 1000);
    }
  }

  // Acting: `ask` gives the answer or throws, `attempt` says what went wrong and gives true or false

  ask(verb, body, options) {
    return act(verb, { user: this.me, ...body }, options);
  }

  async attempt(verb, body) {
    try {
      await this.ask(verb, body);
      return true;
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  /** Share a file; `where` may hold words that go with it. */
  async share(where, file) {
    try {
      await this.upload(file, where);
      return true;
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  upload(file, where = {}) {
    return upload({ user: this.me, ...where }, file);
  }

  report(error) {
    if (!(error instanceof ApiError)) throw error;
    const isAppsFault = error.status > 500 && !error.message.includes(error.code);
    this.say(sentence(isAppsFault ? `${error.message} (${error.code})` : error.message));
  }

  say(message, kind) {
    toast(message, kind);
  }

  // Going about

  go(change, { focus = null, replace = false } = {}) {
    const before = this.place;
    const place = this.complete({ ...before, message: null, ...change });
    if (change.channel && change.channel !== before.channel && change.thread === undefined)
      place.thread = null;
    this.place = place;
    this.keepPlace();
    const address = addressOf(place);
    if (replace || address === window.location.pathname + window.location.search)
      history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    for (const listener of this.moved) listener(place, before, focus);
  }

  /** Leave the place that is shown, for one that must be made first: what is typed now belongs to neither. */
  leave(words) {
    for (const listener of this.left) listener(words);
  }

  /** The address changed by itself (back, forward, a link). */
  arrive(place) {
    const before = this.place;
    this.place = this.complete({ ...place, user: this.me });
    this.keepPlace();
    for (const listener of this.moved) listener(this.place, before, null);
  }

  complete(place) {
    const known = (id) => this.store.channels.has(id);
    if (place.channel && !known(place.channel)) {
      toast("There is no such channel here, or you are not in it.");
      place = { ...place, channel: null, message: null, thread: null };
    }
    if (place.channel) return { ...place, app: null };
    if (place.app) return { ...place, channel: null, thread: null };
    const last = recall(this.me, "place");
    if (last?.app) return { ...place, app: last.app };
    const channels = [...this.store.channels.values()];
    const first =
      channels.find((one) => one.members?.includes(this.store.app.bot_user) && one.is_member && !one.is_im) ??
      channels.find((one) => one.is_member) ??
      channels[0];
    const back = known(last?.channel)
      ? { channel: last.channel, thread: place.thread ?? last.thread }
      : { channel: first?.id ?? null };
    return { ...place, ...back };
  }

  keepPlace() {
    const { channel, app, thread } = this.place;
    remember(this.me, "place", { channel, app, thread });
  }

  openLink(url) {
    const place = placeOfLink(url);
    if (place) this.go({ channel: place.channel, message: place.message, thread: place.thread, app: null });
    else window.open(url, "_blank", "noopener");
  }

  focusComposer(inThread = false) {
    (inThread ? this.composers.thread : this.composers.channel)?.focus();
  }

  emoji(name) {
    return emojiFor(name) ?? `:${name}:`;
  }

  // What the block renderers need to know and to do

  /** For a message: {channel, message}; for a view: {view, values, errors, changed}. */
  blockContext({ surface, channel, message, view, values = {}, errors = {}, changed = () => {} }) {
    const { store } = this;
    const where = view ? { view_id: view.id, tab: TAB } : { channel, message_ts: message.ts };
    return {
      surface,
      me: this.me,
      now: () => new Date(),
      person: (id) => store.people.get(id),
      channel: (id) => store.channels.get(id),
      group: (id) => store.groups.get(id),
      people: () => [...store.people.values()],
      channels: () => [...store.channels.values()],
      act: ({ block_id, action_id, value }) =>
        this.attempt("action", { ...where, block_id, action_id, value }),
      upload: async (file) => (await this.upload(file)).file,
      options: (wanted) => this.ask("options", { ...where, ...wanted }),
      confirm: (question) =>
        askConfirm({
          ...question,
          rendered:
            question.text?.type === "mrkdwn"
              ? renderMrkdwn(question.text.text, this.blockContext({ surface }))
              : null,
        }),
      changed,
      openImage: (image) => openLightbox(image),
      openLink: (url) => this.openLink(url),
      values,
      errors,
    };
  }
}
