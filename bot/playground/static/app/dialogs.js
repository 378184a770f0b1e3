// Dialogs: the browser's own, so that focus stays inside, Esc closes and the focus goes back.

import { rescueToasts } from "./toast.js";
import { h, iconButton } from "./dom.js";

let count = 0;

/**
 * Show a dialog with a title; `closed` is called once when it goes, however it goes.
 * Returns {dialog, close}; closing gives the focus back to where it was.
 */
export function openDialog({ title, body, className = "", testid, closed = () => {}, label }) {
  const before = document.activeElement;
  const titleId = `dialog-title-${++count}`;
  const naming = title ? { "aria-labelledby": titleId } : { "aria-label": label };
  const dialog = h("dialog", { class: `dialog ${className}`, data: { testid }, ...naming });
  if (title)
    dialog.append(
      h(
        "header",
        { class: "dialog-head" },
        h("h2", { id: titleId }, title),
        iconButton("close", "Close", () => close()),
      ),
    );
  dialog.append(body);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog && className.includes("light")) close();
  });
  function close() {
    if (!dialog.isConnected) return;
    rescueToasts();
    dialog.close();
    dialog.remove();
    closed();
    if (before?.isConnected) before.focus({ preventScroll: true });
  }
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, close };
}

const TEXT = (part, otherwise) => part?.text ?? otherwise;

/** Slack's confirm object as a question; resolves to true or false. */
export function askConfirm(question = {}) {
  return new Promise((resolve) => {
    let answer = false;
    const yes = h(
      "button",
      {
        type: "button",
        class: `button ${question.style === "danger" ? "danger" : "primary"}`,
        data: { testid: "confirm-yes" },
      },
      TEXT(question.confirm, "Yes"),
    );
    const no = h(
      "button",
      { type: "button", class: "button", data: { testid: "confirm-no" } },
      TEXT(question.deny, "Cancel"),
    );
    const words = h(
      "div",
      { class: "dialog-body" },
      question.rendered ?? h("p", {}, TEXT(question.text, "")),
    );
    const body = h("div", {}, words, h("footer", { class: "dialog-foot" }, no, yes));
    const { close } = openDialog({
      title: TEXT(question.title, "Are you sure?"),
      body,
      className: "confirm",
      testid: "confirm",
      closed: () => resolve(answer),
    });
    const end = (given) => () => {
      answer = given;
      close();
    };
    yes.addEventListener("click", end(true));
    no.addEventListener("click", end(false));
    (question.style === "danger" ? no : yes).focus();
  });
}

/** A picture, large. */
export function openLightbox({ url, alt, title }) {
  const picture = h("img", { src: url, alt: alt || title || "Image", class: "lightbox-image" });
  const link = h("a", { href: url, target: "_blank", rel: "noopener", class: "button" }, "Open the file");
  const body = h(
    "figure",
    { class: "lightbox-body" },
    picture,
    h("figcaption", {}, title && alt && alt !== title ? h("span", {}, alt) : null, link),
  );
  openDialog({ title: title || alt || "Image", body, className: "lightbox light", testid: "lightbox" });
}
