/** What happens when a person presses or chooses something: ask first, then tell the page's context. */

export function idsOf(element, place) {
  return { block_id: place.blockId, action_id: element.action_id };
}

/** The data- attributes of an element's control. */
export function controlData(element) {
  return { actionId: element.action_id, elementType: element.type };
}

/**
 * Send an action. Resolves to false when the person said no in the confirmation dialog. While the app has not
 * acknowledged it, `control` is busy. The page tells the person when it failed.
 */
export async function act(element, place, value, control, confirm = element.confirm) {
  if (confirm && !(await place.context.confirm(confirm))) return false;
  control.setAttribute("aria-busy", "true");
  try {
    await place.context.act({ ...idsOf(element, place), type: element.type, value, element });
  } catch (error) {
    console.warn("The action was not taken:", error);
  } finally {
    control.removeAttribute("aria-busy");
  }
  return true;
}

/** Whether the app hears of a choice at once: everywhere but in inputs without dispatch_action. */
export function isDispatched(place) {
  return place.block.type !== "input" || Boolean(place.block.dispatch_action);
}

/** A value was chosen. Resolves to false when the person took it back in the confirmation dialog. */
export async function choose(element, place, value, control) {
  if (isDispatched(place)) return act(element, place, value, control);
  if (element.confirm && !(await place.context.confirm(element.confirm))) return false;
  place.context.changed({ ...idsOf(element, place), value });
  return true;
}

/** What the view's state holds for this element now, without its type; {} when it holds nothing. */
export function stateOf(element, place) {
  const state = place.context.values?.[place.blockId]?.[element.action_id];
  return state && (state.type ?? element.type) === element.type ? state : {};
}

/** The value of a field before anybody touched it here: from the view's state, else the element's own. */
export function startingValue(element, place, stateName, initialName) {
  const state = stateOf(element, place);
  return stateName in state ? state[stateName] : element[initialName];
}
