/** A list or menu below (or above) its control, over everything else on the page, modals included. */

const GAP = 4;
const MARGIN = 8;

/** Show `popup`, which must be in the document already, beside `anchor`. */
export function showPopup(popup, anchor, { width = "anchor" } = {}) {
  popup.setAttribute("popover", "manual");
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
  style.maxHeight = "";
  const wanted = popup.offsetHeight;
  const up = wanted > below && above > below;
  style.maxHeight = `${Math.max(80, Math.min(wanted, up ? above : below))}px`;
  const height = popup.offsetHeight;
  style.top = `${Math.round(up ? box.top - GAP - height : box.bottom + GAP)}px`;
  const right = window.innerWidth - MARGIN - popup.offsetWidth;
  style.left = `${Math.round(Math.max(MARGIN, Math.min(box.left, right)))}px`;
}

/** Call `close` when the page scrolls away, or a press lands outside `inside`. Returns how to stop listening. */
export function closeWhenLeft(inside, close) {
  const press = (event) => {
    if (!inside.contains(event.target)) close();
  };
  const scroll = (event) => {
    if (!(event.target instanceof Node) || !inside.contains(event.target)) close();
  };
  document.addEventListener("pointerdown", press, true);
  window.addEventListener("scroll", scroll, true);
  window.addEventListener("resize", close);
  return () => {
    document.removeEventListener("pointerdown", press, true);
    window.removeEventListener("scroll", scroll, true);
    window.removeEventListener("resize", close);
  };
}
