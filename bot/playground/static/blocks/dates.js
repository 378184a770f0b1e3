/** Slack's date tokens, in the reader's own time zone: `{date_short_pretty} at {time}`. */

const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const HALF_A_YEAR_MS = 183 * 24 * 3600 * 1000;

/** The text of a date, or null where the seconds are no time or the format has an unknown token. */
export function formatDate(seconds, format, now) {
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return null;
  let known = true;
  const text = String(format).replace(/\{(\w+)\}/g, (_, token) => {
    const said = TOKENS[token]?.(at, now);
    if (said === undefined) known = false;
    return said ?? "";
  });
  return known ? text : null;
}

const TOKENS = {
  date_num: (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
  date_slash: (at) => `${two(at.getMonth() + 1)}/${two(at.getDate())}/${at.getFullYear()}`,
  date: (at, now) => `${MONTHS[at.getMonth()]} ${ordinal(at.getDate())}${yearIfFar(at, now)}`,
  date_short: (at) => `${MONTHS[at.getMonth()].slice(0, 3)} ${at.getDate()}, ${at.getFullYear()}`,
  date_long: (at) =>
    `${DAYS[at.getDay()]}, ${MONTHS[at.getMonth()]} ${ordinal(at.getDate())}, ${at.getFullYear()}`,
  date_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date(at, now),
  date_short_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date_short(at),
  date_long_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date_long(at),
  day_divider_pretty: (at, now) =>
    capital(nearDay(at, now)) ?? `${DAYS[at.getDay()]}, ${MONTHS[at.getMonth()]} ${ordinal(at.getDate())}`,
  time: (at) => clock(at, ""),
  time_secs: (at) => clock(at, `:${two(at.getSeconds())}`),
  ago: (at, now) => ago((now.getTime() - at.getTime()) / 1000),
};

function two(number) {
  return String(number).padStart(2, "0");
}

function ordinal(day) {
  const ending = day % 100 >= 11 && day % 100 <= 13 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${ending}`;
}

function yearIfFar(at, now) {
  return Math.abs(now - at) > HALF_A_YEAR_MS ? `, ${at.getFullYear()}` : "";
}

function clock(at, seconds) {
  const hour = at.getHours() % 12 || 12;
  return `${hour}:${two(at.getMinutes())}${seconds} ${at.getHours() < 12 ? "AM" : "PM"}`;
}

/** "today", "yesterday" or "tomorrow", by the calendar; null for other days. */
function nearDay(at, now) {
  const day = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();
  const apart = Math.round((day(at) - day(now)) / (24 * 3600 * 1000));
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[apart] ?? null;
}

function capital(text) {
  return text === null ? null : text[0].toUpperCase() + text.slice(1);
}

function ago(seconds) {
  const past = seconds >= 0;
  const size = Math.abs(seconds);
  const [number, unit] =
    size < 60 ? [Math.round(size), "second"]
    : size < 3600 ? [Math.round(size / 60), "minute"]
    : size < 86400 ? [Math.round(size / 3600), "hour"]
    : [Math.round(size / 86400), "day"];
  const words = `${number} ${unit}${number === 1 ? "" : "s"}`;
  return past ? `${words} ago` : `in ${words}`;
}
