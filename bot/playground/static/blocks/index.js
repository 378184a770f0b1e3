/**
 * Block Kit as DOM. `context` is what the page gives: who is looking, how to name people and channels, what to do
 * when something is pressed (bot/playground/static/gallery/context.js is an example of every part of it).
 */

import { renderAttachments as drawAttachments } from "./attachments.js";
import * as cards from "./cards.js";
import { dataVisualization } from "./charts.js";
import { dataTableBlock } from "./data_table.js";
import { make } from "./dom.js";
import { imageBlock } from "./images.js";
import { inputBlock } from "./input.js";
import * as layout from "./layout.js";
import { markdownBlock } from "./markdown.js";
import { plan, taskCard } from "./plan.js";
import { richTextBlock } from "./rich_text.js";
import { tableBlock } from "./table.js";
import { broken, unknown } from "./unknown.js";
import { noteTurns } from "./unfolded.js";
import { update } from "./update.js";

export { EMOJI, emojiFor } from "./emoji.js";
export { renderFiles } from "./files.js";
export { renderMrkdwn, renderPlain } from "./mrkdwn.js";
export { readState } from "./state.js";

const RENDERERS = {
  section: layout.section,
  header: layout.header,
  divider: layout.divider,
  context: layout.contextBlock,
  context_actions: layout.contextActions,
  actions: layout.actions,
  alert: layout.alert,
  video: layout.video,
  image: imageBlock,
  input: inputBlock,
  rich_text: richTextBlock,
  markdown: markdownBlock,
  table: tableBlock,
  data_table: dataTableBlock,
  data_visualization: dataVisualization,
  plan,
  task_card: taskCard,
  card: cards.card,
  carousel: cards.carousel,
  container: cards.container,
};

/** The blocks of a message or a view. */
export function renderBlocks(blocks, context) {
  const own = { ...context };
  const root = make("div", { class: `blocks surface-${context.surface ?? "message"}` });
  noteTurns(root);
  update(root, blocks ?? [], own, renderBlock);
  return root;
}

/**
 * Bring what `renderBlocks` made up to date, in place. Blocks that did not change keep their DOM, and with it
 * focus, caret and what was unfolded. In those that did, what was typed stays where block_id, action_id and type
 * stay.
 */
export function updateBlocks(root, blocks, context) {
  update(root, blocks ?? [], context, renderBlock);
}

export function renderAttachments(attachments, context) {
  return drawAttachments(attachments, context, renderBlocks);
}

function renderBlock(block, context) {
  const node = drawn(block, context);
  node.classList.add("block");
  node.dataset.blockType = block?.type ?? "";
  const id = block?.block_id ?? context.parentBlockId;
  if (id !== undefined) node.dataset.blockId = id;
  return node;
}

/** The outermost node is always one of its own, so that its data- attributes say what it is. */
function drawn(block, context) {
  if (!Object.hasOwn(RENDERERS, block?.type)) return make("div", {}, unknown("Block", block));
  try {
    const named = block.block_id === undefined ? { ...block, block_id: context.parentBlockId } : block;
    return make("div", {}, RENDERERS[block.type](named, context, renderBlock));
  } catch (error) {
    return make("div", {}, broken("Block", block, error));
  }
}
