// The connection to the server: events in, reconnecting for ever, and how old the newest data is.
const RETRY_MS = 3000;
// The server speaks every two seconds; a connection silent for longer is not there, one silent for long is begun anew.
const SILENT_S = 6;
const DEAD_S = 20;

export class Live {
  // `on` holds whole(data), change(data), pulse(data) and lost().
  constructor(address, on) {
    this.address = address;
    this.on = on;
    this.bornAt = null;
    this.connected = false;
    this.heardAt = performance.now();
    this.open();
  }

  open() {
    this.heardAt = performance.now();
    this.source = new EventSource(this.address);
    for (const name of ["whole", "change", "pulse"]) {
      this.source.addEventListener(name, (event) => this.receive(name, JSON.parse(event.data)));
    }
    this.source.addEventListener("error", () => this.lose());
  }

  receive(name, data) {
    this.connected = true;
    this.heardAt = performance.now();
    if (name === "pulse") this.bornAt = performance.now() - data.age_s * 1000;
    this.on[name](data);
  }

  lose() {
    this.connected = false;
    this.on.lost();
    if (this.source.readyState !== EventSource.CLOSED) return;
    this.restart();
    fetch("/api/v1/summary").then((answer) => { if (answer.status === 401) location.reload(); }, () => {});
  }

  // Begin anew, with the whole state, in a while.
  restart() {
    this.source.close();
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), RETRY_MS * (1 + Math.random()));
  }

  // Whether the server is there; a network that went away says nothing, so silence is what tells.
  answering() {
    const silent = (performance.now() - this.heardAt) / 1000;
    if (silent > DEAD_S && this.source.readyState !== EventSource.CLOSED) this.restart();
    return this.connected && silent < SILENT_S;
  }

  // Seconds since the newest snapshot; null before the first.
  age() {
    return this.bornAt === null ? null : Math.max(0, (performance.now() - this.bornAt) / 1000);
  }
}
