/** Plans and their task cards: what an app is doing, step by step. */

import { icon, make } from "./dom.js";
import * as inline from "./inline.js";
import { richTextParts } from "./rich_text.js";

const STATUS = {
  pending: ["waiting", "Waiting"],
  in_progress: [null, "In progress"],
  complete: ["check", "Done"],
  error: ["error", "Failed"],
};

export function plan(block, context) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  const count = tasks.length ? make("span", { class: "plan-count" }, `${done} of ${tasks.length} done`) : null;
  return make(
    "div",
    { class: "plan" },
    make("div", { class: "plan-title" }, make("span", { class: "text" }, block.title), count),
    make("ol", { class: "plan-tasks" }, ...tasks.map((task) => make("li", {}, taskCard(task, context)))),
  );
}

export function taskCard(task, context) {
  const status = Object.hasOwn(STATUS, task.status) ? task.status : "pending";
  const [sign, word] = STATUS[status];
  const mark = make("span", { class: `task-mark task-${status}`, role: "img", "aria-label": word, title: word });
  mark.append(sign ? icon(sign) : make("span", { class: "spinner" }));
  const title = make("span", { class: "text task-title" }, task.title);
  const parts = [rich("task-details", task.details, context), rich("task-output", task.output, context), sources(task, context)].filter(Boolean);
  if (!parts.length) return make("div", { class: "task" }, make("div", { class: "task-head" }, mark, title));
  const open = status !== "complete" && status !== "pending";
  return make(
    "details",
    { class: "task", open, data: { taskId: task.task_id } },
    make("summary", { class: "task-head" }, mark, title, icon("chevron")),
    make("div", { class: "task-body" }, ...parts),
  );
}

function rich(classes, object, context) {
  return object ? make("div", { class: `${classes} text rich-text` }, ...richTextParts(object, context)) : null;
}

function sources(task, context) {
  if (!task.sources?.length) return null;
  const links = task.sources.map((source) => make("li", {}, inline.link(source.url, [source.text], context)));
  return make("ul", { class: "task-sources", "aria-label": "Sources" }, ...links);
}
