// Light or dark: as the system says, until the person says otherwise.

import { iconButton } from "./dom.js";

const KEY = "theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function applyTheme() {
  const chosen = stored();
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

const isDark = () => (stored() ?? (system.matches ? "dark" : "light")) === "dark";

/** The switch; other tabs and panes follow it. */
export function themeSwitch() {
  const label = () => (isDark() ? "Switch to light" : "Switch to dark");
  const button = iconButton(
    isDark() ? "sun" : "moon",
    label(),
    () => {
      try {
        localStorage.setItem(KEY, isDark() ? "light" : "dark");
      } catch {
        document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      }
      changed();
    },
    { data: { testid: "theme" } },
  );
  const changed = () => {
    applyTheme();
    const fresh = iconButton(isDark() ? "sun" : "moon", label(), () => {});
    button.replaceChildren(...fresh.childNodes);
    button.title = label();
    button.setAttribute("aria-label", label());
  };
  window.addEventListener("storage", (event) => event.key === KEY && changed());
  return button;
}
