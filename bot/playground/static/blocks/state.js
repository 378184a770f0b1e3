/** Slack's state of what people filled in: block_id -> action_id -> {type, value | selected_option | ...}. */

const READERS = new WeakMap();

/** Let `control` answer `readState`; `read` gives the value in Slack's form, without its type. */
export function keepsState(control, read) {
  READERS.set(control, read);
  return control;
}

export function readControl(control) {
  const read = READERS.get(control);
  return read && { type: control.dataset.elementType, ...read() };
}

export function readState(root) {
  const state = {};
  for (const control of root.querySelectorAll("[data-action-id]")) {
    const value = readControl(control);
    const block = control.closest("[data-block-id]");
    if (value && block) (state[block.dataset.blockId] ??= {})[control.dataset.actionId] = value;
  }
  return state;
}
