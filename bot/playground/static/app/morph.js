// Draw again around a part that stays, so that focus, caret and what was unfolded in it stay as well.

/**
 * Make the inside of `oldRoot` that of `newRoot`, which is used up. `kept`, inside `oldRoot`, stays in the
 * document untouched and takes the place of `twin`, inside `newRoot`.
 */
export function morph(oldRoot, newRoot, kept = null, twin = null) {
  const focused = document.activeElement;
  const wanted =
    oldRoot.contains(focused) && focused !== oldRoot && !kept?.contains(focused)
      ? identity(oldRoot, focused)
      : null;
  if (kept && twin) graft(oldRoot, newRoot, kept, twin);
  else oldRoot.replaceChildren(...newRoot.childNodes);
  if (wanted) find(oldRoot, wanted)?.focus({ preventScroll: true });
}

/** Put the new siblings around the kept element, level by level from the root down. */
function graft(oldParent, newParent, kept, twin) {
  const oldChild = [...oldParent.childNodes].find((child) => child.contains(kept));
  const newChild = [...newParent.childNodes].find((child) => child.contains(twin));
  for (const child of [...oldParent.childNodes]) if (child !== oldChild) child.remove();
  let isBefore = true;
  for (const child of [...newParent.childNodes]) {
    if (child === newChild) isBefore = false;
    else if (isBefore) oldParent.insertBefore(child, oldChild);
    else oldParent.append(child);
  }
  if (oldChild === kept || newChild === twin) return;
  for (const { name } of [...oldChild.attributes])
    if (!newChild.hasAttribute(name)) oldChild.removeAttribute(name);
  for (const { name, value } of newChild.attributes) oldChild.setAttribute(name, value);
  graft(oldChild, newChild, kept, twin);
}

/** What an element is called, so that its successor can be found: its tag, its name, which of several it is. */
function identity(root, element) {
  const wanted = { tag: element.tagName, name: nameOf(element), index: 0 };
  wanted.index = candidates(root, wanted).indexOf(element);
  return wanted;
}

function candidates(root, { tag, name }) {
  return [...root.querySelectorAll(tag)].filter((one) => nameOf(one) === name);
}

function find(root, wanted) {
  const found = candidates(root, wanted);
  return found[wanted.index] ?? found[0];
}

function nameOf({ dataset }) {
  return dataset.reaction ?? dataset.actionId ?? dataset.testid ?? "";
}
