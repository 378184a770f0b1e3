/** A field for formatted text: bold, italic, strike, code, lists, quotes, code blocks. */

import { act, controlData, idsOf, startingValue } from "./acting.js";
import { make } from "./dom.js";
import { wordsOf } from "./mrkdwn.js";
import { richTextParts } from "./rich_text.js";
import { readRichText } from "./rich_text_read.js";
import { keepsState } from "./state.js";

const LINE_EM = 1.46;
const TOOLS = [
  ["Bold", "B", (editor) => run(editor, "bold"), "b"],
  ["Italic", "I", (editor) => run(editor, "italic"), "i"],
  ["Strikethrough", "S", (editor) => run(editor, "strikeThrough"), "s"],
  ["Code", "</>", (editor) => wrapInCode(editor), null],
  ["Numbered list", "1.", (editor) => run(editor, "insertOrderedList"), null],
  ["Bulleted list", "•", (editor) => run(editor, "insertUnorderedList"), null],
  ["Quote", "❝", (editor) => run(editor, "formatBlock", "blockquote"), null],
  ["Code block", "{ }", (editor) => run(editor, "formatBlock", "pre"), null],
];

export function richTextInput(element, place) {
  const placeholder = wordsOf(element.placeholder);
  const control = make("div", {
    class: "rich-editor text",
    contenteditable: "true",
    role: "textbox",
    "aria-multiline": "true",
    "aria-placeholder": placeholder || null,
    data: { ...controlData(element), placeholder },
  });
  if (!place.label) control.setAttribute("aria-label", placeholder || "Text");
  control.style.minHeight = `${(element.min_lines ?? 4) * LINE_EM}em`;
  if (element.max_lines) control.style.maxHeight = `${element.max_lines * LINE_EM + 1}em`;
  const start = startingValue(element, place, "rich_text_value", "initial_value");
  if (start) control.append(...richTextParts(start, place.context));
  control.addEventListener("paste", pasteAsText);
  control.addEventListener("input", () => {
    control.classList.toggle("filled", control.textContent !== "");
    place.context.changed({ ...idsOf(element, place), value: readRichText(control) });
  });
  control.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && place.block.dispatch_action) {
      event.preventDefault();
      act(element, place, readRichText(control), control);
    }
  });
  control.classList.toggle("filled", control.textContent !== "");
  keepsState(control, () => ({ rich_text_value: readRichText(control) }));
  return { node: make("div", { class: "rich-input", data: { keep: "" } }, toolbar(control), control), control, isGroup: true };
}

function toolbar(editor) {
  const buttons = TOOLS.map(([label, sign, apply, tag]) => {
    const words = tag ? make(tag, {}, sign) : sign;
    const button = make("button", { type: "button", class: "tool", "aria-label": label, title: label }, words);
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      editor.focus();
      apply(editor);
    });
    return button;
  });
  return make("div", { class: "toolbar", role: "toolbar", "aria-label": "Formatting" }, ...buttons);
}

/** Formatting through the browser's own editing commands keeps its undo history whole. */
function run(_editor, command, value) {
  document.execCommand(command, false, value);
}

function wrapInCode(editor) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !editor.contains(selection.anchorNode)) return;
  const range = selection.getRangeAt(0);
  const code = make("code", {}, range.toString());
  range.deleteContents();
  range.insertNode(code);
  selection.selectAllChildren(code);
  editor.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function pasteAsText(event) {
  event.preventDefault();
  document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
}
