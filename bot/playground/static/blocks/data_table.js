/** The table with pages, sorting and buttons in its rows. */

import { icon, make, unseen } from "./dom.js";
import { richTextParts } from "./rich_text.js";
import { cellContent, tableFrame } from "./table.js";

const PAGE_SIZE = 5;

export function dataTableBlock(block, context) {
  const place = { block, blockId: block.block_id, context, label: false };
  const [head, ...rows] = block.rows;
  const numeric = head.map((_, column) => rows.every((row) => row[column]?.type === "raw_number"));
  const rowOf = (row) => bodyRow(row, { place, numeric, headerColumn: block.row_header_column_index });
  const sorters = head.map((cell, column) =>
    sorter(cell, numeric[column], rows.some((row) => row[column]?.type !== "action_cell")),
  );
  const body = make("tbody");
  // Rows are made once, so that a button keeps its focus and its waiting state while pages turn.
  const pager = turnPages({ rows, drawn: rows.map(rowOf), sorters, body, size: block.page_size ?? PAGE_SIZE });
  const table = make(
    "table",
    { class: "table data-table" },
    make("caption", {}, block.caption),
    make("thead", {}, make("tr", {}, ...sorters.map(({ cell }) => cell))),
    body,
  );
  return make("div", { class: "data-table-box" }, tableFrame(table, block.caption), pager);
}

function bodyRow(row, { place, numeric, headerColumn }) {
  const cells = row.map((cell, column) => {
    const isHeader = column === headerColumn;
    const properties = { scope: isHeader ? "row" : null, class: numeric[column] ? "align-right" : null };
    return make(isHeader ? "th" : "td", properties, ...cellContent(cell, place));
  });
  return make("tr", {}, ...cells);
}

/** Let the sorters and the pager decide which rows stand in `body`; returns the pager, or null for one page. */
function turnPages({ rows, drawn, sorters, body, size }) {
  const view = { page: 0, column: -1, descending: false };
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const pager = makePager(pages, (page) => draw({ page }));
  const draw = (change) => {
    Object.assign(view, change);
    const first = view.page * size;
    body.replaceChildren(...sorted(rows, view).slice(first, first + size).map((index) => drawn[index]));
    sorters.forEach(({ cell }, column) => {
      const way = column === view.column ? (view.descending ? "descending" : "ascending") : "none";
      cell.setAttribute("aria-sort", way);
    });
    pager.show(view.page, `${first + 1}–${Math.min(first + size, rows.length)} of ${rows.length}`);
  };
  sorters.forEach(({ button }, column) => {
    const descends = () => view.column === column && !view.descending;
    button?.addEventListener("click", () => draw({ column, descending: descends(), page: 0 }));
  });
  draw({});
  return pages > 1 ? pager.element : null;
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
