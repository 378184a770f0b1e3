// The stream of events, opened again for as long as it takes; it goes on where it broke off.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/** One person's stream. `tab` names this page: what is typed in it does not come back to it. */
export class Stream {
  /** `on`: {events(list), reset(), status("live" | "waiting")}. */
  constructor({ user, after, tab }, on) {
    Object.assign(this, { user, after, tab, on });
    this.wait = FIRST_WAIT_MS;
    this.closed = false;
    this.open();
  }

  open() {
    const address = new URL("/page/live", window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ user: this.user, after: String(this.after), tab: this.tab });
    this.socket = new WebSocket(address);
    this.socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT_MS;
      this.on.status("live");
    });
    this.socket.addEventListener("message", (frame) => this.receive(JSON.parse(frame.data)));
    this.socket.addEventListener("close", () => this.again());
  }

  receive(frame) {
    if (this.closed) return;
    if (frame.reset) {
      this.close();
      this.on.reset();
      return;
    }
    this.after = frame.n ?? this.after;
    this.on.events(frame.events ?? []);
  }

  again() {
    if (this.closed) return;
    this.on.status("waiting");
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
