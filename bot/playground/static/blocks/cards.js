/** Cards, carousels of cards, and containers of blocks. */

import { freshId, icon, make, unseen } from "./dom.js";
import { isVisible, renderElement } from "./elements.js";
import { picture } from "./images.js";
import { placeOf } from "./layout.js";
import { renderText, wordsOf } from "./mrkdwn.js";
import { richTextParts } from "./rich_text.js";

const WIDTHS = new Set(["narrow", "standard", "wide", "full"]);

export function card(block, context) {
  const line = (name, object) => object && make("div", { class: `text ${name}` }, renderText(object, context));
  const shown = (block.actions ?? []).filter((element) => isVisible(element, context));
  const actions = shown.map((element) => renderElement(element, placeOf(block, context)).node);
  const mark = block.icon && picture(block.icon, context, { classes: "card-icon" });
  const named = block.slack_icon ? make("span", { class: "card-slack-icon", "aria-hidden": "true" }, "◆") : null;
  const head = make("div", { class: "card-head" }, mark, named, make("div", {}, line("card-title", block.title), line("card-subtitle", block.subtitle)));
  return make(
    "div",
    { class: "card", role: "group", "aria-label": block.title ? wordsOf(block.title) : "Card" },
    block.hero_image && picture(block.hero_image, context, { classes: "card-hero" }),
    head,
    line("card-body", block.body),
    actions.length ? make("div", { class: "actions" }, ...actions) : null,
  );
}

/** Cards side by side. The buttons at its sides move one card on; the row itself scrolls, too. */
export function carousel(block, context, renderBlock) {
  const parent = { ...context, parentBlockId: block.block_id };
  const row = make("div", { class: "carousel-row", tabindex: "0", role: "group", "aria-label": "Cards" });
  row.append(...block.elements.map((element) => renderBlock(element, parent)));
  const step = (sign, words, by) => {
    const button = make("button", { type: "button", class: `block-button carousel-step carousel-${sign}` }, icon(sign), unseen(words));
    button.addEventListener("click", () => {
      const width = (row.firstElementChild?.getBoundingClientRect().width ?? 240) + 12;
      row.scrollBy({ left: by * width, behavior: "smooth" });
    });
    return button;
  };
  const back = step("left", "Cards before", -1);
  const on = step("right", "More cards", 1);
  const ends = () => {
    back.disabled = row.scrollLeft <= 1;
    on.disabled = row.scrollLeft + row.clientWidth >= row.scrollWidth - 1;
  };
  row.addEventListener("scroll", ends, { passive: true });
  new ResizeObserver(ends).observe(row);
  return make("div", { class: "carousel" }, row, make("div", { class: "carousel-steps" }, back, on));
}

export function container(block, context, renderBlock) {
  const id = freshId("container");
  const parent = { ...context, parentBlockId: block.block_id };
  const body = make("div", { class: "container-body", id }, ...(block.child_blocks ?? []).map((child) => renderBlock(child, parent)));
  const width = WIDTHS.has(block.width) ? block.width : "standard";
  const head = containerHead(block, context, body);
  const divided = block.has_header_divider && head ? " container-divided" : "";
  return make("div", { class: `container container-${width}${divided}` }, head, body);
}

function containerHead(block, context, body) {
  const title = block.rich_text_title
    ? make("div", { class: "text rich-text container-title" }, ...richTextParts(block.rich_text_title, context))
    : block.title && make("div", { class: "text container-title" }, renderText(block.title, context));
  const subtitle = block.subtitle && make("div", { class: "text container-subtitle" }, renderText(block.subtitle, context));
  const mark = block.icon && picture(block.icon, context, { classes: "card-icon" });
  const words = make("div", { class: "container-words" }, title, subtitle);
  if (!block.is_collapsible) return title || subtitle || mark ? make("div", { class: "container-head" }, mark, words) : null;
  const name = wordsOf(block.title) || words.textContent || "this part";
  const button = make("button", { type: "button", class: "container-toggle", "aria-controls": body.id }, icon("chevron"));
  const draw = (open) => {
    body.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", `${open ? "Fold" : "Unfold"} ${name}`);
  };
  button.addEventListener("click", () => draw(body.hidden));
  draw(!block.default_collapsed);
  return make("div", { class: "container-head" }, mark, words, button);
}
