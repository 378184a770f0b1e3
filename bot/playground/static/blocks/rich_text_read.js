/** What a person typed into a rich text field, as Slack's rich_text object. */

const STYLES = { B: "bold", STRONG: "bold", I: "italic", EM: "italic", S: "strike", STRIKE: "strike", DEL: "strike", CODE: "code", U: "underline" };
const BLOCKS = new Set(["DIV", "P"]);

/** The rich_text of an editable element's content; null when it is empty. */
export function readRichText(root) {
  const elements = [];
  let line = null;
  const section = () => {
    if (line === null) elements.push((line = { type: "rich_text_section", elements: [] }));
    return line.elements;
  };
  const walk = (node, style) => {
    if (node.nodeType === Node.TEXT_NODE) addText(section(), node.data.replaceAll("\u00a0", " "), style);
    else if (node.tagName === "BR") addText(section(), "\n", style);
    else if (node.tagName === "UL" || node.tagName === "OL") {
      line = null;
      elements.push(...lists(node, 0));
    } else if (node.tagName === "BLOCKQUOTE" || node.tagName === "PRE") {
      line = null;
      const kind = node.tagName === "PRE" ? "rich_text_preformatted" : "rich_text_quote";
      elements.push({ type: kind, elements: inlineOf(node) });
    } else {
      if (BLOCKS.has(node.tagName) && line?.elements.length) addText(line.elements, "\n", {});
      const inner = STYLES[node.tagName] ? { ...style, [STYLES[node.tagName]]: true } : style;
      node.childNodes.forEach((child) => walk(child, inner));
    }
  };
  root.childNodes.forEach((child) => walk(child, {}));
  const kept = elements.map(withoutTrailingBreak).filter((element) => element.elements.length > 0);
  return kept.length ? { type: "rich_text", elements: kept } : null;
}

function lists(list, indent) {
  const result = [];
  const style = list.tagName === "OL" ? "ordered" : "bullet";
  let open = null;
  for (const child of list.children) {
    if (child.tagName === "LI") {
      if (!open) result.push((open = { type: "rich_text_list", style, indent, elements: [] }));
      const nested = [...child.querySelectorAll(":scope > ul, :scope > ol")];
      open.elements.push({ type: "rich_text_section", elements: inlineOf(child) });
      for (const one of nested) result.push(...lists(one, indent + 1));
      if (nested.length) open = null;
    } else {
      result.push(...lists(child, indent + 1));
      open = null;
    }
  }
  return result;
}

function inlineOf(node) {
  const elements = [];
  const walk = (child, style) => {
    if (child.nodeType === Node.TEXT_NODE) addText(elements, child.data.replaceAll("\u00a0", " "), style);
    else if (child.tagName === "BR") addText(elements, "\n", style);
    else if (!["UL", "OL"].includes(child.tagName)) {
      const inner = STYLES[child.tagName] ? { ...style, [STYLES[child.tagName]]: true } : style;
      child.childNodes.forEach((one) => walk(one, inner));
    }
  };
  node.childNodes.forEach((child) => walk(child, {}));
  return withoutTrailingBreak({ elements }).elements;
}

function addText(elements, text, style) {
  if (text === "") return;
  const last = elements.at(-1);
  const styled = Object.keys(style).length > 0;
  if (last && JSON.stringify(last.style ?? {}) === JSON.stringify(style)) last.text += text;
  else elements.push(styled ? { type: "text", text, style: { ...style } } : { type: "text", text });
}

/** Browsers keep one line break at the end that nobody typed. */
function withoutTrailingBreak(element) {
  const last = element.elements.at(-1);
  if (last?.type !== "text") return element;
  last.text = last.text.replace(/\n$/, "");
  return last.text ? element : { ...element, elements: element.elements.slice(0, -1) };
}
