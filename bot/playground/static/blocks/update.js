/** Showing new blocks where old ones stand, without taking away what a person is doing there. */

import { showError } from "./input.js";
import { readControl } from "./state.js";
import { keepUnfolded } from "./unfolded.js";

// The root of a set of blocks -> {context, shown}. Of each block: its node, its JSON (`key`), the state that it was
// drawn with (`given`), and what its fields held then (`start`).
const ROOTS = new WeakMap();

export function update(root, blocks, context, renderBlock) {
  const known = ROOTS.get(root) ?? { context, shown: [] };
  const values = carriedOver(root, known.shown, context);
  const focus = rememberFocus(root);
  Object.assign(known.context, context, { values }); // handlers of kept nodes see the new one
  const left = [...known.shown];
  const shown = blocks.map((block) => {
    const key = JSON.stringify(block);
    const given = JSON.stringify(context.values?.[block?.block_id] ?? null);
    const at = left.findIndex((one) => one.key === key && (one.given === given || isTouched(one)));
    if (at < 0) {
      const node = renderBlock(block, known.context);
      return { key, given, node, start: here(node) };
    }
    const [kept] = left.splice(at, 1);
    const agreed = kept.given !== given && here(kept.node) === serverValues(given, kept.node);
    return { ...kept, given, start: agreed ? here(kept.node) : kept.start };
  });
  const old = new Set(known.shown.map((one) => one.node));
  const kept = new Set(shown.map((one) => one.node));
  keepUnfolded([...old].filter((node) => !kept.has(node)), [...kept].filter((node) => !old.has(node)));
  for (const node of old) if (!kept.has(node)) node.remove();
  shown.forEach(({ node }, index) => {
    if (root.children[index] !== node) root.insertBefore(node, root.children[index] ?? null);
    const box = node.querySelector(":scope > .input-block");
    if (box) showError(box, context.errors?.[node.dataset.blockId]);
  });
  ROOTS.set(root, { context: known.context, shown });
  restoreFocus(root, focus);
}

/** Whether somebody changed a field of the block here, or is in it: then what is here wins. */
function isTouched({ node, start }) {
  return node.contains(document.activeElement) || here(node) !== start;
}

/** What the fields hold now, in a form that can be compared. */
function here(node) {
  return comparable(controls(node).map(readControl));
}

/** The same of a state that the server gave for the block. */
function serverValues(given, node) {
  const values = JSON.parse(given) ?? {};
  return comparable(controls(node).map((control) => values[control.dataset.actionId]));
}

/** An option counts as its value, no value as an empty list. */
function comparable(values) {
  const plain = values.map(({ type: _type, ...rest } = {}) => {
    const [value] = Object.values(rest);
    return value === null || value === "" ? [] : [value ?? []].flat().map((one) => one?.value ?? one);
  });
  return JSON.stringify(plain);
}

function controls(node) {
  return [...node.querySelectorAll("[data-action-id]")].filter((one) => readControl(one));
}

/** The state for blocks drawn anew: what was typed here, where the server does not know better. */
function carriedOver(root, shown, context) {
  const values = { ...context.values };
  for (const one of shown) {
    if (one.node.parentNode !== root || !isTouched(one)) continue;
    for (const control of controls(one.node)) {
      const block = control.closest("[data-block-id]").dataset.blockId;
      const before = values[block]?.[control.dataset.actionId];
      const now = readControl(control);
      if (before && before.type !== now.type) continue;
      values[block] = { ...values[block], [control.dataset.actionId]: now };
    }
  }
  return values;
}

function rememberFocus(root) {
  const active = document.activeElement;
  if (!root.contains(active)) return null;
  const control = active.closest("[data-action-id]");
  const block = active.closest("[data-block-id]");
  if (!control || !block) return null;
  const caret = typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  const focus = { active, block: block.dataset.blockId, action: control.dataset.actionId, value: active.value, caret };
  return { ...focus, index: namesakes(root, focus).indexOf(control) };
}

function restoreFocus(root, focus) {
  if (!focus || document.activeElement === focus.active) return;
  const inside = root.contains(focus.active) ? focus.active : again(root, focus);
  inside?.focus({ preventScroll: true });
  if (focus.caret && typeof inside?.selectionStart === "number") inside.setSelectionRange(...focus.caret);
}

/** All controls of this name: a table may have the same button in every row. */
function namesakes(root, { block, action }) {
  const where = `[data-block-id="${CSS.escape(block)}"] [data-action-id="${CSS.escape(action)}"]`;
  return [...root.querySelectorAll(where)];
}

function again(root, { value, index, ...focus }) {
  const all = namesakes(root, focus);
  const found = all[index] ?? all[0];
  if (!found || found.matches("input, textarea, button, [contenteditable]")) return found;
  const inputs = [...found.querySelectorAll("input")];
  return inputs.find((input) => input.value === value) ?? inputs[0];
}
