// Two people side by side: the same page twice, each acting as somebody.

import { banner, besideLink } from "./banner.js";
import { h } from "./dom.js";

/** `users`: two ids, the left one first. */
export function openSplit(root, users) {
  const panes = users.map((user, index) =>
    h("iframe", {
      class: "pane",
      title: `${index ? "Right" : "Left"}: acting as ${user}`,
      src: `/?${new URLSearchParams({ user, bare: "1" })}`,
      data: { testid: `pane-${index}` },
    }),
  );
  const one = besideLink(`/?${new URLSearchParams({ user: users[0] })}`, "One person only");
  window.addEventListener("message", (event) => {
    if (event.origin !== window.location.origin || event.data?.kind !== "acting") return;
    const index = panes.findIndex((pane) => pane.contentWindow === event.source);
    if (index < 0) return;
    users[index] = event.data.user;
    panes[index].title = `${index ? "Right" : "Left"}: acting as ${event.data.name}`;
    one.href = `/?${new URLSearchParams({ user: users[0] })}`;
    history.replaceState(null, "", `/?${new URLSearchParams({ split: users.join(",") })}`);
    document.title = `${users.join(" and ")} · side by side (not Slack)`;
  });
  root.replaceChildren(
    banner(one),
    h("main", { class: "split", "aria-label": "Two people side by side" }, panes),
  );
}

/** In a pane: say who is acting, so that the address of the whole stays right. */
export function tellParent(user, name) {
  if (window.parent !== window)
    window.parent.postMessage({ kind: "acting", user, name }, window.location.origin);
}
