/** What a person unfolded or folded stays so when the block is drawn anew: a plan moves on while it is read. */

const PARTS = "details, .fold, .container";

/** `gone` are the nodes of blocks that go, `come` those that take their places; block_id says which. */
export function keepUnfolded(gone, come) {
  for (const old of gone) {
    const twin = come.find((node) => node.dataset.blockId && node.dataset.blockId === old.dataset.blockId);
    if (twin) copy(old, twin);
  }
}

function copy(old, twin) {
  const others = new Map(parts(twin));
  for (const [key, part] of parts(old)) {
    const other = others.get(key);
    if (!other || !part.dataset.turned) continue;
    if (isOpen(part) !== isOpen(other)) turn(other);
    other.dataset.turned = "yes";
  }
}

/** Parts by name: a task by its id, everything else by its place among its kind. */
function parts(node) {
  const counts = {};
  return [...node.querySelectorAll(PARTS)].map((part) => {
    const kind = part.tagName === "DETAILS" ? "details" : part.classList[0];
    counts[kind] = (counts[kind] ?? 0) + 1;
    return [part.dataset.taskId ?? `${kind} ${counts[kind]}`, part];
  });
}

function isOpen(part) {
  if (part.tagName === "DETAILS") return part.open;
  return part.querySelector(":scope > .show-more, :scope > .container-head > .container-toggle")?.ariaExpanded === "true";
}

function turn(part) {
  if (part.tagName === "DETAILS") part.open = !part.open;
  else part.querySelector(":scope > .show-more, :scope > .container-head > .container-toggle")?.click();
}

/** Note on a part that a person turned it. */
export function noteTurns(root) {
  root.addEventListener("click", (event) => {
    const handle = event.target.closest?.("summary, .show-more, .container-toggle");
    const part = handle?.closest(PARTS);
    if (part) part.dataset.turned = "yes";
  });
}
