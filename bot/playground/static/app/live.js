// The stream of events, opened again for as long as it takes; it goes on where it broke off.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/**
 * `tab` names this page: what is typed in it does not come back to it.
 * `on`: {events(list, n), reset(), status("live" | "waiting")}. Returns {close}.
 */
export function connect(user, after, tab, on) {
  let seen = after;
  let wait = FIRST_WAIT_MS;
  let socket = null;
  let timer = null;
  let closed = false;

  function open() {
    const address = new URL("/page/live", window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ user, after: String(seen), tab });
    socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT_MS;
      on.status("live");
    });
    socket.addEventListener("message", (frame) => receive(JSON.parse(frame.data)));
    socket.addEventListener("close", again);
  }

  function receive(frame) {
    if (closed) return;
    if (frame.reset) {
      close();
      on.reset();
      return;
    }
    seen = frame.n ?? seen;
    on.events(frame.events ?? [], seen);
  }

  function again() {
    if (closed) return;
    on.status("waiting");
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    socket?.close();
  }

  open();
  return { close };
}
