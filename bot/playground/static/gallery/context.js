/** A context with every part that `renderBlocks` asks for, over made-up people, channels and options. */

import { renderMrkdwn } from "../blocks/index.js";
import { drawnPlot } from "./plot.js";

const PEOPLE = [
  { id: "UANA", name: "ana", real_name: "Ana Silva", title: "senior", is_bot: false },
  { id: "UKAI", name: "kai", real_name: "Kai Berger", title: "teammate", is_bot: false },
  { id: "UZOE", name: "zoe", real_name: "Zoe Martin", title: "administrator", is_bot: false },
  { id: "USIGNOFF", name: "signoff", real_name: "Signoff", title: "", is_bot: true },
];
const CHANNELS = [
  { id: "C0EXPERIMENTS", name: "experiments", is_private: false },
  { id: "C0RANDOM", name: "random", is_private: false },
  { id: "G0REVIEW", name: "review", is_private: true },
  { id: "D0UANA", name: "", is_im: true, im_user: "UANA" },
  { id: "D0SIGNOFF", name: "", is_im: true, im_user: "USIGNOFF" },
];
const GROUPS = [{ id: "SSENIORS", handle: "seniors", name: "Seniors", members: ["UANA", "UZOE"] }];
const NOW = new Date(2026, 10, 20, 12, 0, 0);
const PARENTS = ["ant-v4 baseline", "walker gait", "hopper long", "swimmer", "cart pole", "half cheetah fast"];

export const PLOT = drawnPlot();

/** `log(kind, what)` hears of everything that is pressed, chosen or opened. */
export function makeContext({ surface, log }) {
  return {
    surface,
    me: "UKAI",
    now: () => NOW,
    person: (id) => PEOPLE.find((one) => one.id === id),
    channel: (id) => CHANNELS.find((one) => one.id === id),
    group: (id) => GROUPS.find((one) => one.id === id),
    people: () => PEOPLE,
    channels: () => CHANNELS,
    act: async ({ element: _element, ...action }) => log("act", action),
    changed: (change) => log("changed", change),
    options: async (asked) => {
      log("options", asked);
      return optionsFor(asked);
    },
    confirm,
    openImage: (image) => log("openImage", image),
    openLink: (url) => log("openLink", url),
    fileUrl: (id) => (id === "F0PLOT" ? PLOT : `gallery/samples/${id}.txt`),
    upload: async (file) => ({ id: `F0${file.name.length}`, name: file.name }),
    values: {},
    errors: { "form.guards": "“entropy” is not a metric of this environment. Known are: final_reward, episode_length." },
  };
}

function optionsFor({ action_id: name, value }) {
  const found = PARENTS.map((text, index) => option(`E-${index + 1} · ${text}`, String(index + 1))).filter((one) =>
    one.text.text.toLowerCase().includes(value.toLowerCase()),
  );
  if (name !== "grouped") return { options: found, option_groups: null };
  const group = (label, options) => ({ label: { type: "plain_text", text: label }, options });
  return { options: found, option_groups: [group("Yours", found.slice(0, 2)), group("Others'", found.slice(2))].filter((one) => one.options.length) };
}

function option(text, value) {
  return { text: { type: "plain_text", text }, value, description: { type: "plain_text", text: "PPO · reward 512 ± 31" } };
}

function confirm({ title, text, confirm: yes, deny }) {
  const dialog = document.querySelector("#confirm");
  dialog.querySelector("#confirm-title").textContent = title.text;
  dialog.querySelector("#confirm-text").replaceChildren(text.type === "mrkdwn" ? renderMrkdwn(text.text, {}) : text.text);
  dialog.querySelector("#confirm-yes").textContent = yes.text;
  dialog.querySelector("#confirm-deny").textContent = deny.text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
