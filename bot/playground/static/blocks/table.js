/** The plain table, and what cells of any table show. */

import { make } from "./dom.js";
import { renderElement } from "./elements.js";
import { richTextParts } from "./rich_text.js";
import { unknown } from "./unknown.js";

/** The words or parts of a cell; an action cell gets its element. */
export function cellContent(cell, place) {
  switch (cell?.type) {
    case "raw_text":
      return [make("div", { class: "text" }, cell.text)];
    case "raw_number":
      return [make("div", { class: "text number" }, cell.text ?? numberWords(cell.value))];
    case "rich_text":
      return [make("div", { class: "text rich-text" }, ...richTextParts(cell, place.context))];
    case "action_cell":
      return [renderElement(cell.element, place).node];
    default:
      return [unknown("Table cell", cell)];
  }
}

function numberWords(value) {
  return Number(value).toLocaleString("en-US", { maximumFractionDigits: 12 });
}

/** A frame that scrolls sideways by keyboard, too. */
export function tableFrame(table, label) {
  return make("div", { class: "table-frame", role: "region", "aria-label": label, tabindex: "0" }, table);
}

export function tableBlock(block, context) {
  const place = { block, blockId: block.block_id, context, label: false };
  const [head, ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const cell = (tag, scope) => (one, column) => {
    const { align = "left", is_wrapped: wrapped } = settings[column] ?? {};
    const kind = one?.type === "raw_number" && !settings[column]?.align ? "right" : align;
    return make(tag, { scope, class: `align-${kind}${wrapped === true ? " wrapped" : ""}` }, ...cellContent(one, place));
  };
  const table = make(
    "table",
    { class: "table" },
    make("thead", {}, make("tr", {}, ...(head ?? []).map(cell("th", "col")))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell("td", null))))),
  );
  return tableFrame(table, "Table");
}
