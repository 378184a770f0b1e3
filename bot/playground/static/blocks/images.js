/** Pictures: by address, or a file of the workspace. */

import { make } from "./dom.js";
import { renderText, wordsOf } from "./mrkdwn.js";
import { safePicture } from "./safe.js";

/** Where a file's bytes are. */
export function fileAddress(id, context) {
  return context.fileUrl?.(id) ?? `/files/${encodeURIComponent(id)}`;
}

export function pictureAddress(image, context) {
  const file = image.slack_file;
  if (file) return fileAddress(file.id ?? String(file.url).split("/").at(-1), context);
  return safePicture(image.image_url);
}

/** The picture, or words in its place where it cannot be had. */
export function picture(image, context, { classes = "picture" } = {}) {
  const address = pictureAddress(image, context);
  const missing = () => inPlaceOf(image, classes);
  if (address === null) return missing();
  const node = make("img", { class: classes, src: address, alt: image.alt_text ?? "", loading: "lazy" });
  if (image.image_width && image.image_height) Object.assign(node, { width: image.image_width, height: image.image_height });
  node.addEventListener("error", () => node.replaceWith(missing()), { once: true });
  return node;
}

function inPlaceOf(image, classes) {
  const said = image.alt_text ? { role: "img", "aria-label": image.alt_text } : { "aria-hidden": "true" };
  return make("span", { class: `${classes} picture-missing`, ...said }, image.alt_text || "picture");
}

/** A picture that opens large when it is pressed. */
export function pictureButton(image, title, context) {
  const open = make(
    "button",
    { type: "button", class: "picture-button", "aria-label": `Open the picture: ${image.alt_text || title || "picture"}` },
    picture(image, context),
  );
  open.addEventListener("click", () => {
    const url = pictureAddress(image, context);
    if (url) context.openImage?.({ url, alt: image.alt_text ?? "", title: title ?? "" });
  });
  return open;
}

export function imageBlock(block, context) {
  const title = block.title ? wordsOf(block.title) : null;
  const caption = title && make("figcaption", { class: "picture-title text" }, renderText(block.title, context));
  return make("figure", { class: "image-block" }, caption, pictureButton(block, title, context));
}
