// Where a person is: in the address (so that it can be shared and survives a reload) and in this tab's memory.

const PERMALINK = /^\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?/;

/** {user, channel, message, thread, app, panel, split}: what the address says; null where it says nothing. */
export function readPlace(location = window.location) {
  const fromHash = location.hash.startsWith("#/archives/")
    ? new URL(location.hash.slice(1), location.origin)
    : null;
  const found = PERMALINK.exec(fromHash ? fromHash.pathname : location.pathname);
  const asked = new URLSearchParams(location.search);
  const linked = fromHash ? fromHash.searchParams : asked;
  return {
    user: asked.get("user"),
    channel: found ? found[1] : null,
    message: found && found[2] ? `${found[2]}.${found[3]}` : null,
    thread: linked.get("thread_ts"),
    app: asked.get("app"),
    panel: asked.get("panel"),
    split: asked.get("split"),
    bare: asked.has("bare"),
  };
}

export function addressOf(place) {
  const asked = new URLSearchParams();
  for (const [name, value] of [
    ["user", place.user],
    ["thread_ts", place.thread],
    ["app", place.channel ? null : place.app],
    ["panel", place.panel],
    ["bare", place.bare ? "1" : null],
  ])
    if (value) asked.set(name, value);
  const path = place.channel
    ? `/archives/${place.channel}${place.message ? `/p${place.message.replace(".", "")}` : ""}`
    : "/";
  return `${path}?${asked}`;
}

/** The link to a message, as Slack writes it. */
export function permalink(message) {
  const inThread = message.thread_ts && message.thread_ts !== message.ts;
  const thread = inThread ? `?thread_ts=${message.thread_ts}&cid=${message.channel}` : "";
  return `${window.location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}${thread}`;
}

/** The place that a link leads to, or null when it leads out of the playground. */
export function placeOfLink(url) {
  let parsed;
  try {
    parsed = new URL(url, window.location.origin);
  } catch {
    return null;
  }
  if (parsed.origin !== window.location.origin) return null;
  const place = readPlace(parsed);
  return place.channel ? place : null;
}

// This tab's memory. Panes of a split view share it, so every key names the person.

export function remember(user, key, value) {
  try {
    if (value === null || value === "") sessionStorage.removeItem(`${user}:${key}`);
    else sessionStorage.setItem(`${user}:${key}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the memory of drafts, nothing else.
  }
}

export function recall(user, key) {
  try {
    return JSON.parse(sessionStorage.getItem(`${user}:${key}`));
  } catch {
    return null;
  }
}
