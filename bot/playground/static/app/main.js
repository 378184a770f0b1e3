// Where the page begins: who acts, in which place, alone or side by side.

import { look } from "./api.js";
import { banner, besideLink } from "./banner.js";
import { h } from "./dom.js";
import { helpButton } from "./help.js";
import { addressOf, readPlace, recall, remember } from "./place.js";
import { sentence } from "./sentence.js";
import { Session } from "./session.js";
import { Shell } from "./shell.js";
import { openSplit, tellParent } from "./split.js";
import { applyTheme } from "./theme.js";
import { clearToasts } from "./toast.js";

const root = document.getElementById("page");
let session = null;
let shell = null;
let starts = 0;

/** Who was chosen last acts, however long the others took to open. */
async function start(place) {
  starts += 1;
  const mine = starts;
  clearToasts();
  shell?.destroy();
  session?.end();
  session = shell = null;
  let opened;
  try {
    opened = await open(place);
  } catch (error) {
    if (mine === starts) fail(error, place);
    return;
  }
  if (mine !== starts) {
    opened.end();
    return;
  }
  session = opened;
  history.replaceState(null, "", addressOf(session.place));
  remember("page", "user", session.me);
  shell = new Shell(session, { actAs, beside });
  const other = [...session.store.people.values()].find(
    (person) => !person.is_bot && person.id !== session.me,
  );
  const split = other
    ? besideLink(`/?${new URLSearchParams({ split: `${session.me},${other.id}` })}`, "Side by side")
    : null;
  root.replaceChildren(...(place.bare ? [] : [banner(split, helpButton(session))]), shell.element);
  document.documentElement.classList.toggle("bare", Boolean(place.bare));
  shell.begin();
  tellParent(session.me, session.store.nameOf(session.me));
}

/** As whom the address says, else as whom this tab acted before, else as the first. */
async function open(place) {
  const before = recall("page", "user");
  if (place.user || !before) return Session.open({ ...place, user: place.user ?? (await firstPerson()) });
  try {
    return await Session.open({ ...place, user: before });
  } catch (error) {
    if (error.code !== "no_such_person") throw error;
    return Session.open({ ...place, user: await firstPerson() });
  }
}

/** A teammate comes first: proposing is where the story begins. */
async function firstPerson() {
  const { people } = await look("/control/workspace");
  const humans = people.filter((person) => !person.is_bot);
  return (humans.find((person) => person.title === "teammate") ?? humans[0]).id;
}

function actAs(user) {
  const { channel, thread, panel, bare, app } = session?.place ?? readPlace();
  const place = { user, channel, thread, panel, bare, message: null, app };
  history.pushState(null, "", addressOf(place));
  start(place);
}

function beside(user) {
  window.location.assign(`/?${new URLSearchParams({ split: `${session.me},${user}` })}`);
}

function fail(error, place) {
  const again = h(
    "button",
    { type: "button", class: "button primary", on: { click: () => start(place) } },
    "Try again",
  );
  const asSomebody = h(
    "a",
    { class: "button", href: "/", on: { click: () => remember("page", "user", null) } },
    "Begin anew",
  );
  root.replaceChildren(
    banner(),
    h(
      "main",
      { class: "failure" },
      h("h1", {}, "The page could not open"),
      h("p", { role: "alert" }, sentence(error.message)),
      again,
      " ",
      asSomebody,
    ),
  );
}

function arrive() {
  const place = readPlace();
  if (!session || (place.user && place.user !== session.me)) start(place);
  else session.arrive({ ...place, bare: session.place.bare });
}

applyTheme();
const place = readPlace();
if (place.split) openSplit(root, place.split.split(",").slice(0, 2));
else {
  window.addEventListener("popstate", arrive);
  window.addEventListener("hashchange", arrive);
  start(place);
}
