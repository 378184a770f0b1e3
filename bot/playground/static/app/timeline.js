// The messages of one channel, or of one thread, that this page knows: a window on the whole, oldest first.

import { look } from "./api.js";

const PAGE = 50;
const KEPT = 200;

export class Timeline {
  constructor(user, channel, thread = null) {
    this.user = user;
    this.channel = channel;
    this.thread = thread;
    this.items = [];
    this.hasOlder = false;
    this.hasNewer = false;
    this.loaded = false;
    this.failed = null;
    this.missed = 0;
    this.late = null; // events that came while a page was on its way
    this.loading = null;
  }

  /** The newest page, or the one around a message. */
  async load(around = null) {
    await this.loading?.catch(() => {});
    const page = await this.fetchPage(around ? { around } : {});
    this.items = page.messages;
    this.hasOlder = Boolean(page.has_more);
    this.hasNewer = Boolean(page.has_newer);
    this.loaded = true;
    this.missed = 0;
    this.settle();
  }

  async older() {
    if (!this.hasOlder || this.loading || !this.items.length) return false;
    const page = await this.fetchPage({ before: this.items[0].ts });
    this.items = [...page.messages.filter((one) => one.ts < this.items[0].ts), ...this.items];
    this.hasOlder = Boolean(page.has_more);
    this.settle();
    return true;
  }

  async newer() {
    if (!this.hasNewer || this.loading) return false;
    const last = this.items.at(-1)?.ts ?? "0";
    const page = await this.fetchPage({ after: last });
    this.items = [...this.items, ...page.messages.filter((one) => one.ts > last)];
    this.hasNewer = Boolean(page.has_newer);
    if (!this.hasNewer) this.missed = 0;
    this.settle();
    return true;
  }

  /** A message came or changed. True when what is shown changes. */
  put(message) {
    if (this.late) return this.later({ put: message });
    const at = this.position(message.ts);
    if (this.items[at]?.ts === message.ts) {
      this.items[at] = message;
      return true;
    }
    if (at === this.items.length && this.hasNewer) {
      this.missed += 1;
      return true;
    }
    if (at === 0 && this.hasOlder) return false;
    this.items.splice(at, 0, message);
    return true;
  }

  remove(ts) {
    if (this.late) return this.later({ remove: ts });
    const at = this.position(ts);
    if (this.items[at]?.ts !== ts) return false;
    this.items.splice(at, 1);
    return true;
  }

  find(ts) {
    const found = this.items[this.position(ts)];
    return found?.ts === ts ? found : undefined;
  }

  /** Forget what is far above, while somebody reads the newest. A thread is kept whole. */
  trim() {
    if (this.thread || this.items.length <= KEPT + PAGE) return false;
    this.items = this.items.slice(-KEPT);
    this.hasOlder = true;
    return true;
  }

  async fetchPage(where) {
    this.late = [];
    const asked = { user: this.user, channel: this.channel, thread_ts: this.thread, limit: PAGE, ...where };
    this.loading = look("/page/messages", asked);
    try {
      return await this.loading;
    } catch (error) {
      this.settle();
      throw error;
    } finally {
      this.loading = null;
    }
  }

  settle() {
    const late = this.late ?? [];
    this.late = null;
    for (const event of late) {
      if (event.put) this.put(event.put);
      else this.remove(event.remove);
    }
  }

  later(event) {
    this.late.push(event);
    return false;
  }

  /** Where a ts is, or would be. */
  position(ts) {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.items[middle].ts < ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
