/** Every block element by its type. */

import { button, feedbackButtons, iconButton, overflow, workflowButton } from "./buttons.js";
import { checkboxes, radioButtons } from "./choices.js";
import * as fields from "./fields.js";
import { fileInput } from "./file_input.js";
import { picture } from "./images.js";
import { richTextInput } from "./rich_text_input.js";
import { select } from "./selects.js";
import { broken, unknown } from "./unknown.js";

const RENDERERS = {
  button,
  workflow_button: workflowButton,
  icon_button: iconButton,
  feedback_buttons: feedbackButtons,
  overflow,
  image: (element, place) => picture(element, place.context),
  static_select: select,
  multi_static_select: select,
  external_select: select,
  multi_external_select: select,
  users_select: select,
  multi_users_select: select,
  conversations_select: select,
  multi_conversations_select: select,
  channels_select: select,
  multi_channels_select: select,
  radio_buttons: radioButtons,
  checkboxes,
  datepicker: fields.datePicker,
  timepicker: fields.timePicker,
  datetimepicker: fields.dateTimePicker,
  plain_text_input: fields.plainTextInput,
  email_text_input: fields.emailInput,
  url_text_input: fields.urlInput,
  number_input: fields.numberInput,
  rich_text_input: richTextInput,
  file_input: fileInput,
};

/**
 * An element as {node, control}: what to put into the page, and the part that is operated. `place` says where it
 * stands: {block, blockId, context, label}; `label` is true where an input block labels it.
 */
export function renderElement(element, place) {
  if (!Object.hasOwn(RENDERERS, element?.type)) return { node: unknown("Block element", element), control: null };
  try {
    const made = RENDERERS[element.type](element, place);
    return made instanceof Node ? { node: made, control: made } : made;
  } catch (error) {
    return { node: broken("Block element", element, error), control: null };
  }
}

/** Some elements, such as a private button, are there for a few people only. */
export function isVisible(element, context) {
  const some = element?.visible_to_user_ids;
  return !Array.isArray(some) || some.includes(context.me);
}
