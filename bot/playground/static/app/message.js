// One message as an element. It is drawn anew when its record changes; see message_list.js.

import { renderAttachments, renderBlocks, renderFiles, renderMrkdwn } from "../blocks/index.js";
import { emojiFor } from "../blocks/emoji.js";
import { follows } from "../blocks/inline.js";
import { pickEmoji } from "./emoji_picker.js";
import { avatar, h, icon, iconButton } from "./dom.js";
import { permalink } from "./place.js";
import { clock, dateOf, full, whenSaid } from "./times.js";

/** The blocks of a message that is already on the page can stay there: `place` then stands where they go. */
export function renderMessage(session, row, place = null) {
  const { message, compact } = row;
  const author = authorOf(session, message);
  const classes = [
    "message",
    compact && "compact",
    message.ephemeral && "ephemeral",
    mentions(session, message) && "mentioned",
  ];
  const when = clock(dateOf(message.ts));
  const name = author.real_name || author.name;
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      tabindex: "-1",
      "aria-label": `${name}, ${when}${message.ephemeral ? ", only visible to you" : ""}`,
      data: { testid: message.ephemeral ? "ephemeral" : "message", ts: message.ts, user: message.user },
    },
    h("div", { class: "message-gutter" }, compact ? timeOf(session, message) : avatar(author)),
    h("div", { class: "message-main" }, parts(session, row, author, place)),
  );
}

function parts(session, { message, compact, inThread }, author, place) {
  const context = contextOf(session, message);
  return [
    compact ? null : head(session, message, author),
    message.ephemeral ? onlyYou(session, message) : null,
    broadcastNote(session, message, inThread),
    content(message, context, place),
    message.files?.length ? renderFiles(message.files, context) : null,
    message.attachments?.length ? renderAttachments(message.attachments, context) : null,
    reactions(session, message),
    inThread ? null : threadLink(session, message),
  ];
}

function authorOf({ store }, message) {
  const { user, username, bot_id: bot } = message;
  return store.person(user) ?? { id: user, name: username ?? user, is_bot: Boolean(bot) };
}

function head(session, message, author) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "message-author" }, author.real_name || author.name),
    message.bot_id || author.is_bot ? h("span", { class: "badge" }, "APP") : null,
    timeOf(session, message),
  );
}

/** When it was said, as the link to the message. */
function timeOf(session, message) {
  const date = dateOf(message.ts);
  const link = permalink(message);
  const properties = { class: "message-time", href: link, title: full(date) };
  return h(
    "a",
    { ...properties, ...follows(link, contextOf(session, message)) },
    h("time", { datetime: date.toISOString() }, clock(date)),
  );
}

function onlyYou(session, message) {
  return h(
    "div",
    { class: "only-you" },
    h("span", {}, "Only visible to you"),
    h(
      "button",
      {
        type: "button",
        class: "link-button",
        data: { testid: "dismiss" },
        on: { click: () => session.attempt("dismiss", { channel: message.channel, ts: message.ts }) },
      },
      "Dismiss",
    ),
  );
}

export function contextOf(session, message) {
  return session.blockContext({ surface: "message", channel: message.channel, message });
}

function content(message, context, place) {
  const edited = message.edited
    ? h(
        "span",
        { class: "edited", title: message.edited.ts ? full(dateOf(message.edited.ts)) : "" },
        "(edited)",
      )
    : null;
  if (message.blocks?.length)
    return h("div", { class: "message-content" }, place ?? renderBlocks(message.blocks, context), edited);
  if (!message.text) return edited;
  return h(
    "div",
    { class: "message-content message-text" },
    renderMrkdwn(message.text, context),
    " ",
    edited,
  );
}

function broadcastNote(session, message, inThread) {
  const isBroadcast = message.subtype === "thread_broadcast" || message.reply_broadcast;
  if (!isBroadcast || inThread) return null;
  const open = () => session.go({ thread: message.thread_ts, panel: null });
  return h(
    "button",
    { type: "button", class: "link-button broadcast-note", on: { click: open } },
    "replied to a thread",
  );
}

/** Whether the message speaks to the person: by name, through a group, or to everyone here. */
function mentions({ store }, message) {
  const text = message.ephemeral ? "" : JSON.stringify([message.text, message.blocks ?? []]);
  if (text.includes(`<@${store.me}>`) || text.includes(`"user_id":"${store.me}"`)) return true;
  return [...store.groups.values()].some(
    (group) => group.members?.includes(store.me) && text.includes(group.id),
  );
}

function reactions(session, message) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map((reaction) => {
    const mine = reaction.users.includes(session.store.me);
    const who = reaction.users
      .map((id) => (id === session.store.me ? "you" : session.store.nameOf(id)))
      .join(", ");
    const label = `${reaction.name.replaceAll("_", " ")}: ${who}`;
    const toggle = () =>
      session.attempt("react", {
        channel: message.channel,
        message_ts: message.ts,
        name: reaction.name,
        remove: mine || undefined,
      });
    return h(
      "button",
      {
        type: "button",
        class: "reaction",
        "aria-pressed": String(mine),
        "aria-label": label,
        title: label,
        data: { reaction: reaction.name },
        on: { click: toggle },
      },
      h("span", { class: "reaction-glyph" }, emojiFor(reaction.name) ?? `:${reaction.name}:`),
      h("span", {}, String(reaction.count)),
    );
  });
  const add = iconButton("smile", "Add a reaction", (event) => react(session, message, event.currentTarget), {
    class: "reaction add",
    "aria-haspopup": "menu",
  });
  return h("div", { class: "reactions" }, chips, add);
}

export function react(session, message, anchor) {
  pickEmoji(anchor, (name) =>
    session.attempt("react", { channel: message.channel, message_ts: message.ts, name }),
  );
}

function threadLink(session, message) {
  if (!message.reply_count) return null;
  const { store } = session;
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(store.person(id), "small"));
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const news = isNews(store, message) ? h("span", { class: "thread-new" }, "New") : null;
  const open = () => {
    news?.remove();
    session.go({ thread: message.ts, panel: null });
  };
  return h(
    "button",
    {
      type: "button",
      class: "thread-link",
      data: { testid: "thread-link" },
      on: { click: open },
    },
    h("span", { class: "faces" }, faces),
    h("span", { class: "thread-count" }, count),
    news,
    message.latest_reply
      ? h("span", { class: "thread-last" }, `Last reply ${whenSaid(message.latest_reply)}`)
      : null,
    icon("thread", 14),
  );
}

/** Whether the thread may hold what mentions the person and was not read: it came after the read mark. */
function isNews(store, message) {
  const channel = store.channels.get(message.channel);
  return Boolean(channel?.mentions) && message.latest_reply > channel.last_read;
}
