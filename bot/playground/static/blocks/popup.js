/** A list or menu below (or above) its control, over everything else on the page, modals included. */

const GAP = 4;
const MARGIN = 8;

/** Show `popup`, a `popover="manual"` that is in the document already, beside `anchor`. */
export function showPopup(popup, anchor, { width = "anchor" } = {}) {
  popup.showPopover();
  place(popup, anchor, width);
}

export function hidePopup(popup) {
  if (popup.matches(":popover-open")) popup.hidePopover();
}

export function place(popup, anchor, width = "anchor") {
  const box = anchor.getBoundingClientRect();
  const style = popup.style;
  if (width === "anchor") style.width = `${Math.max(box.width, 220)}px`;
  const below = window.innerHeight - box.bottom - GAP - MARGIN;
  const above = box.top - GAP - MARGIN;
  const scrolled = popup.scrollTop;
  style.maxHeight = "";
  const wanted = popup.offsetHeight;
  const up = wanted > below && above > below;
  style.maxHeight = `${Math.max(80, Math.min(wanted, up ? above : below))}px`;
  popup.scrollTop = scrolled;
  const height = popup.offsetHeight;
  style.top = `${Math.round(up ? box.top - GAP - height : box.bottom + GAP)}px`;
  const right = window.innerWidth - MARGIN - popup.offsetWidth;
  style.left = `${Math.round(Math.max(MARGIN, Math.min(box.left, right)))}px`;
}

/**
 * While it is open: go along when the page scrolls, and call `close` when the anchor has gone out of sight or a
 * press lands outside `inside`. Returns how to stop.
 */
export function attend(popup, anchor, { inside, width, close }) {
  const press = (event) => {
    if (!inside.contains(event.target)) close();
  };
  const follow = (event) => {
    if (event.target instanceof Node && popup.contains(event.target)) return;
    const box = anchor.getBoundingClientRect();
    if (box.bottom < 0 || box.top > window.innerHeight) close();
    else place(popup, anchor, width);
  };
  document.addEventListener("pointerdown", press, true);
  window.addEventListener("scroll", follow, true);
  window.addEventListener("resize", follow);
  return () => {
    document.removeEventListener("pointerdown", press, true);
    window.removeEventListener("scroll", follow, true);
    window.removeEventListener("resize", follow);
  };
}
