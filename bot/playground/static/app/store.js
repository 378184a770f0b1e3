// All that the page knows. Events go in; whoever subscribed to a topic is told once per animation frame.

import { Timeline } from "./timeline.js";

const HANDLERS = {
  message: (store, event) => store.putMessage(event.message),
  ephemeral: (store, event) => store.putMessage({ ...event.message, ephemeral: true }),
  message_deleted: (store, event) => store.removeMessage(event.channel, event.ts),
  ephemeral_deleted: (store, event) => store.removeMessage(event.channel, event.ts),
  channel: (store, event) => store.putChannel(event.channel),
  channel_gone: (store, event) => store.dropChannel(event.channel),
  person: (store, event) => store.putPerson(event.person),
  views: (store, event) => store.set("views", event.views),
  home: (store, event) => store.set("home", event.home),
  connected: (store, event) =>
    store.set("app", { ...store.app, connected: event.connected, sockets: event.sockets }),
  faults: (store, event) => store.set("faults", event.faults),
  traffic: (store, event) => store.set("traffic", event.n),
};

export class Store {
  constructor(snapshot) {
    this.listeners = new Map();
    this.dirty = new Set();
    this.timelines = new Map();
    this.traffic = 0;
    this.stream = "live";
    this.take(snapshot);
  }

  /** Begin again from a snapshot of /page/state. */
  take(snapshot) {
    const { n, team, app, me, commands, shortcuts, views, home, faults } = snapshot;
    Object.assign(this, { n, team, app, me, commands, shortcuts, views, home, faults });
    this.people = new Map(snapshot.people.map((person) => [person.id, person]));
    this.groups = new Map(snapshot.groups.map((group) => [group.id, group]));
    this.channels = new Map(snapshot.channels.map((channel) => [channel.id, channel]));
    for (const topic of this.listeners.keys()) this.touch(topic);
  }

  apply(events) {
    for (const event of events) HANDLERS[event.kind]?.(this, event);
  }

  /** Call `listener` in the next frame after any of the topics changed. Returns how to stop. */
  subscribe(topics, listener) {
    for (const topic of topics) {
      if (!this.listeners.has(topic)) this.listeners.set(topic, new Set());
      this.listeners.get(topic).add(listener);
    }
    return () => topics.forEach((topic) => this.listeners.get(topic).delete(listener));
  }

  touch(topic) {
    if (!this.dirty.size) requestFrame(() => this.flush());
    this.dirty.add(topic);
  }

  flush() {
    const told = new Set();
    for (const topic of this.dirty)
      for (const listener of this.listeners.get(topic) ?? []) told.add(listener);
    this.dirty.clear();
    for (const listener of told) listener();
  }

  set(name, value) {
    this[name] = value;
    this.touch(name);
  }

  timeline(channel, thread = null) {
    const key = keyOf(channel, thread);
    if (!this.timelines.has(key)) this.timelines.set(key, new Timeline(this.me, channel, thread));
    return this.timelines.get(key);
  }

  putMessage(message) {
    const isReply = message.thread_ts && message.thread_ts !== message.ts;
    const isBroadcast = message.reply_broadcast || message.subtype === "thread_broadcast";
    if (!isReply || isBroadcast) this.change(keyOf(message.channel), (timeline) => timeline.put(message));
    this.change(keyOf(message.channel, message.thread_ts || message.ts), (timeline) => timeline.put(message));
  }

  removeMessage(channel, ts) {
    for (const [key, timeline] of this.timelines)
      if (timeline.channel === channel) this.change(key, () => timeline.remove(ts));
  }

  putChannel(channel) {
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    this.touch("channels");
  }

  putPerson(person) {
    this.people.set(person.id, person);
    this.touch("people");
  }

  dropChannel(id) {
    this.channels.delete(id);
    this.touch("channels");
  }

  change(key, how) {
    const timeline = this.timelines.get(key);
    if (timeline && (timeline.loaded || timeline.loading) && how(timeline)) this.touch(`messages:${key}`);
  }

  // What people and apps are called

  person(id) {
    return this.people.get(id);
  }

  nameOf(id) {
    const person = this.people.get(id);
    return person?.real_name || person?.name || id;
  }

  get bot() {
    return this.people.get(this.app.bot_user);
  }

  channelName(channel) {
    if (!channel) return "";
    if (channel.is_im || channel.is_mpim) {
      const others = (channel.members ?? []).filter((id) => id !== this.me);
      return others.length ? others.map((id) => this.nameOf(id)).join(", ") : `${this.nameOf(this.me)} (you)`;
    }
    return channel.name;
  }

  /** The direct message between the person and the app, once there is one. */
  get appMessages() {
    return [...this.channels.values()].find((one) => one.is_im && one.members?.includes(this.app.bot_user));
  }
}

export function keyOf(channel, thread = null) {
  return thread ? `${channel}/${thread}` : channel;
}

/** The next frame; a tab in the background has none, so a timer stands in. */
function requestFrame(callback) {
  if (document.visibilityState === "visible") requestAnimationFrame(callback);
  else setTimeout(callback, 100);
}
