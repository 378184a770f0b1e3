/** Tables: the plain one, and the one with pages, sorting and buttons. */

import { icon, make, unseen } from "./dom.js";
import { renderElement } from "./elements.js";
import { richTextParts } from "./rich_text.js";
import { unknown } from "./unknown.js";

const PAGE_SIZE = 5;

/** The words or parts of a cell; an action cell gets its element. */
function cellContent(cell, place) {
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
function frame(table, label) {
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
  return frame(table, "Table");
}

export function dataTableBlock(block, context) {
  const place = { block, blockId: block.block_id, context, label: false };
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? PAGE_SIZE;
  const view = { page: 0, column: -1, descending: false };
  const body = make("tbody");
  const numeric = head.map((_, column) => rows.every((row) => row[column]?.type === "raw_number"));
  const bodyRow = (row) =>
    make(
      "tr",
      {},
      ...row.map((cell, column) => {
        const isHeader = column === block.row_header_column_index;
        const classes = numeric[column] ? "align-right" : null;
        return make(isHeader ? "th" : "td", { scope: isHeader ? "row" : null, class: classes }, ...cellContent(cell, place));
      }),
    );
  const drawn = rows.map(bodyRow); // made once, so that a button keeps its focus and its waiting state
  const sorters = head.map((cell, column) => sorter(cell, numeric[column], rows.some((row) => row[column]?.type !== "action_cell")));
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const pager = makePager(pages, (page) => draw({ page }));
  const draw = (change) => {
    Object.assign(view, change);
    const order = sorted(rows, view);
    const first = view.page * size;
    body.replaceChildren(...order.slice(first, first + size).map((index) => drawn[index]));
    sorters.forEach(({ cell }, column) => {
      const way = column === view.column ? (view.descending ? "descending" : "ascending") : "none";
      cell.setAttribute("aria-sort", way);
    });
    pager.show(view.page, `${first + 1}–${Math.min(first + size, rows.length)} of ${rows.length}`);
  };
  sorters.forEach(({ button }, column) =>
    button?.addEventListener("click", () =>
      draw({ column, descending: view.column === column && !view.descending, page: 0 }),
    ),
  );
  const table = make(
    "table",
    { class: "table data-table" },
    make("caption", {}, block.caption),
    make("thead", {}, make("tr", {}, ...sorters.map(({ cell }) => cell))),
    body,
  );
  draw({});
  return make("div", { class: "data-table-box" }, frame(table, block.caption), pages > 1 ? pager.element : null);
}

function sorter(cell, isNumber, sortable) {
  const words = cell.text ?? String(cell.value ?? "");
  const classes = isNumber ? "align-right" : null;
  if (!sortable) return { cell: make("th", { scope: "col", class: classes }, words) };
  const button = make("button", { type: "button", class: "sorter" }, words, icon("sort"));
  return { cell: make("th", { scope: "col", class: classes }, button), button };
}

/** Row numbers in the order of the view's column; as they came where none is chosen. */
function sorted(rows, { column, descending }) {
  const order = rows.map((_, index) => index);
  if (column < 0) return order;
  const key = (index) => sortKey(rows[index][column]);
  order.sort((one, other) => compare(key(one), key(other)) || one - other);
  return descending ? order.reverse() : order;
}

function sortKey(cell) {
  if (cell?.type === "raw_number") return Number(cell.value);
  if (cell?.type === "rich_text") return make("div", {}, ...richTextParts(cell, {})).textContent;
  return cell?.text ?? cell?.element?.text?.text ?? "";
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), "en", { numeric: true, sensitivity: "base" });
}

function makePager(pages, go) {
  let page = 0;
  const step = (sign, words, by) => {
    const button = make("button", { type: "button", class: "block-button pager-step" }, icon(sign), unseen(words));
    button.addEventListener("click", () => go(page + by));
    return button;
  };
  const back = step("left", "Previous page", -1);
  const on = step("right", "Next page", 1);
  const where = make("span", { class: "pager-where", role: "status" });
  const element = make("div", { class: "pager" }, where, back, on);
  const show = (at, words) => {
    page = at;
    where.textContent = words;
    back.disabled = at === 0;
    on.disabled = at >= pages - 1;
  };
  return { element, show };
}
