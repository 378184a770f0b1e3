/** Selects: of options, of people, of conversations; for one or for several. */

import { choose, controlData, isDispatched, startingValue } from "./acting.js";
import { Combobox } from "./combobox.js";
import { wordsOf } from "./mrkdwn.js";
import { sourceOf } from "./option_sources.js";
import { keepsState } from "./state.js";

// The kind of select -> how its value is called in the state and in the element.
const NAMES = {
  static_select: "option",
  external_select: "option",
  users_select: "user",
  conversations_select: "conversation",
  channels_select: "channel",
};
const PLACEHOLDERS = {
  static_select: "Select an option",
  external_select: "Type to search",
  users_select: "Select a person",
  conversations_select: "Select a conversation",
  channels_select: "Select a channel",
};

export function select(element, place) {
  const several = element.type.startsWith("multi_");
  const kind = element.type.replace(/^multi_/, "");
  const noun = several ? `${NAMES[kind]}s` : NAMES[kind];
  const source = sourceOf(element, place);
  const start = startingValue(element, place, `selected_${noun}`, `initial_${noun}`);
  let sent = listOf(start).map(source.known);
  const inMessage = !isInput(place);
  const tell = async (options, control) => {
    if (several && inMessage) return true; // told when the list closes
    return choose(element, place, several ? values(options) : (options[0]?.value ?? null), control);
  };
  const combobox = new Combobox({
    data: controlData(element),
    label: place.label ? null : wordsOf(element.placeholder) || PLACEHOLDERS[kind],
    placeholder: wordsOf(element.placeholder) || PLACEHOLDERS[kind],
    source,
    chosen: sent,
    several,
    clearable: !several && isInput(place) && Boolean(place.block.optional),
    most: element.max_selected_items,
    onChange: tell,
    onClose: async (options) => {
      if (!several || !inMessage || same(options, sent)) return;
      sent = options;
      await choose(element, place, values(options), combobox.input);
    },
  });
  keepsState(combobox.input, () => {
    const raw = combobox.chosen.map((option) => option.raw);
    return { [`selected_${noun}`]: several ? raw : (raw[0] ?? null) };
  });
  return { node: combobox.element, control: combobox.input, dispatched: isDispatched(place) };
}

function isInput(place) {
  return place.block.type === "input";
}

function listOf(value) {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function values(options) {
  return options.map((option) => option.value);
}

function same(some, others) {
  return values(some).join("\n") === values(others).join("\n");
}
