/**
 * Where a select's options come from. A source has `load(query)`, which gives groups [{label, options}], at once
 * or as a promise; `waits(query)`, words to show instead of asking, or null; and `known(raw)`, the option of a
 * value in Slack's state. An option is {value, text, description, raw}: `raw` is what the state keeps.
 */

import { wordsOf } from "./mrkdwn.js";

const DEFAULT_QUERY_LENGTH = 3;

export function sourceOf(element, place) {
  const kind = element.type.replace(/^multi_/, "");
  const make = { static_select: fromElement, external_select: fromApp, users_select: people };
  return (make[kind] ?? conversations)(element, place);
}

function fromElement(element) {
  const groups = grouped(element);
  return {
    load: (query) => matching(groups, query),
    waits: () => null,
    known: optionOf,
    debounced: false,
  };
}

function fromApp(element, place) {
  const least = element.min_query_length ?? DEFAULT_QUERY_LENGTH;
  return {
    load: async (query) => {
      const ids = { block_id: place.blockId, action_id: element.action_id };
      return grouped((await place.context.options({ ...ids, value: query })) ?? {});
    },
    waits: (query) => {
      if (query.length >= least) return null;
      return `Type ${least - query.length === 1 && query ? "1 more character" : `at least ${characters(least)}`} to search`;
    },
    known: optionOf,
    debounced: true,
  };
}

function characters(number) {
  return `${number} character${number === 1 ? "" : "s"}`;
}

function people(_element, { context }) {
  const option = (person) => ({
    value: person.id,
    text: person.real_name || person.name,
    description: person.name === person.real_name ? person.title : [`@${person.name}`, person.title].filter(Boolean).join(" · "),
    raw: person.id,
  });
  return {
    load: (query) => matching([{ label: null, options: (context.people?.() ?? []).filter((one) => !one.deleted).map(option) }], query),
    waits: () => null,
    known: (id) => option(context.person?.(id) ?? { id, name: id }),
    debounced: false,
  };
}

function conversations(element, { context }) {
  const channelsOnly = element.type.endsWith("channels_select");
  const include = channelsOnly ? ["public"] : element.filter?.include;
  const option = (channel) => ({ value: channel.id, text: conversationName(channel, context), description: "", raw: channel.id });
  const fits = (channel) => {
    if (channel.is_archived || (include && !include.includes(conversationKind(channel)))) return false;
    return !(element.filter?.exclude_bot_users && context.person?.(channel.im_user)?.is_bot);
  };
  return {
    load: (query) => matching([{ label: null, options: (context.channels?.() ?? []).filter(fits).map(option) }], query),
    waits: () => null,
    known: (id) => option(context.channel?.(id) ?? { id, name: id }),
    debounced: false,
  };
}

function conversationKind(channel) {
  if (channel.is_im || channel.im_user) return "im";
  if (channel.is_mpim) return "mpim";
  return channel.is_private ? "private" : "public";
}

function conversationName(channel, context) {
  if (channel.is_im || channel.im_user) return context.person?.(channel.im_user)?.real_name ?? channel.im_user ?? channel.id;
  return channel.is_mpim ? channel.name : `#${channel.name}`;
}

/** `option_groups`, or `options` as one group without a label. */
function grouped({ options, option_groups: groups }) {
  if (groups) return groups.map((group) => ({ label: wordsOf(group.label), options: group.options.map(optionOf) }));
  return [{ label: null, options: (options ?? []).map(optionOf) }];
}

export function optionOf(raw) {
  return {
    value: raw.value,
    text: wordsOf(raw.text),
    description: raw.description ? wordsOf(raw.description) : "",
    raw,
  };
}

function matching(groups, query) {
  const wanted = query.trim().toLowerCase();
  const fits = (option) => `${option.text} ${option.description}`.toLowerCase().includes(wanted);
  return groups
    .map((group) => ({ ...group, options: wanted ? group.options.filter(fits) : group.options }))
    .filter((group) => group.options.length > 0);
}
