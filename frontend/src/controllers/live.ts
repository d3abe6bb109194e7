/**
 * What has changed on the server, told to the page while it is open.
 *
 *     <meta name="live" content="/live/">           asks for it; without it nothing is opened
 *     <meta name="live-seen" content="48113">       optional: the newest message the page was rendered with
 *     <meta name="person" content="17">             whose messages: windows of other people do not share them
 *
 * One window of the browser (a Web Lock elects it) holds the event stream and passes everything on to the others.
 * Each window then fires on <body>, for htmx to hear:
 *
 *     live:call, live:agent, live:interaction, ...  detail {id, version}: that thing changed, fetch it again
 *     live:refused                                  detail {id, code}: the click with this command_id was refused
 *     live:resync                                   anything may have changed: every live part fetches itself again
 *
 *     <div hx-get="/desk/parts/" hx-trigger="live:call from:body, live:resync from:body">
 *
 * `data-saving="no"` on <html> while the server cannot store anything; afterwards everything is fetched again.
 *
 * A version already seen is not told twice. The lamp `live` shows the link; while it is lost for more than 5 s the
 * page asks by itself every 5 s (`live:resync`), so that an operator goes on working.
 */

import { meta } from "../kit/dom";
import { follow } from "../kit/event_stream";
import { setLamp } from "../kit/lamps";
import { BackOff, alone, pauseOrOnline } from "../kit/waits";

const LOST_AFTER = 5_000;
const LEAVES_WITHIN = 10_000;
const POLL_EVERY = 5_000;

type LinkState = "connecting" | "connected" | "lost";
type Change = { kind: string; id: string | number; version?: number };
type News = { what: "change"; number: number; change: Change } | { what: "resync"; number: number };
type Said = News | { what: "state"; state: LinkState; number: number; saving: boolean } | { what: "who" };

/** Whether the server answers and knows nobody: another window signed out, or the cookies are gone. */
async function isSignedOut(url: string): Promise<boolean> {
  const enough = new AbortController();
  const asked = fetch(url, { headers: { "HX-Request": "true" }, signal: enough.signal });
  const status = await asked.then((answer) => answer.status).catch(() => 0);
  enough.abort();
  return status === 401;
}

/** Whoever signs out is on his way to where that leads; his stream ends a moment before he has gone. */
let leftAt = -Infinity;
window.addEventListener("beforeunload", () => (leftAt = performance.now()));

function isLeaving(): boolean {
  return performance.now() - leftAt < LEAVES_WITHIN;
}

function signIn(): void {
  location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname)}`);
}

export class Live {
  #url: string;
  #channel: BroadcastChannel;
  #last = Number(meta("live-seen")) || 0;
  #caughtUp = this.#last > 0;
  #state: LinkState = "connecting";
  #saving = true;
  #leads = false;
  #versions = new Map<string, number>();
  #poll: number | undefined;
  #lostTimer: number | undefined;

  constructor(url: string) {
    this.#url = url;
    const name = `perezvon-live-${meta("person")}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (event: MessageEvent<Said>) => this.#hear(event.data);
    document.addEventListener("resume", () => this.#resync());
    this.#show("connecting");
    this.#pass({ what: "who" });
    void alone(name, () => this.#lead());
  }

  /** What another window says. */
  #hear(said: Said): void {
    if (said.what === "who") return this.#leads ? this.#pass(this.#asSaid()) : undefined;
    if (said.what !== "state") return this.#take(said);
    this.#show(said.state);
    this.#save(said.saving);
    if (said.state === "connected") this.#catchUp(said.number);
  }

  #asSaid(): Said {
    return { what: "state", state: this.#state, number: this.#last, saving: this.#saving };
  }

  /** Whether what is done now gets into the database. What failed meanwhile is fetched again. */
  #save(on: boolean): void {
    if (on === this.#saving) return;
    this.#saving = on;
    document.documentElement.dataset["saving"] = on ? "yes" : "no";
    if (on) this.#resync();
  }

  /** A window that just opened fetches afresh what it may have missed since its page was made. */
  #catchUp(number: number): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#last ||= number;
    this.#resync();
  }

  #take(said: News): void {
    if (said.what === "resync") {
      this.#last = said.number;
      return this.#resync();
    }
    this.#last = Math.max(this.#last, said.number);
    this.#tell(said.change);
  }

  #tell(change: Change): void {
    const [kind = "", code] = change.kind.split(":", 2);
    const id = String(change.id);
    if (code !== undefined) return fire(kind, { id, code });
    if (this.#knows(`${kind}/${id}`, change.version)) return;
    fire(kind, { id, version: change.version });
  }

  #knows(thing: string, version: number | undefined): boolean {
    if (version === undefined) return false;
    if (version <= (this.#versions.get(thing) ?? -1)) return true;
    this.#versions.set(thing, version);
    return false;
  }

  #resync(): void {
    this.#versions.clear();
    fire("resync", {});
  }

  /** Holds the stream as long as this window lives. */
  async #lead(): Promise<void> {
    this.#leads = true;
    const backOff = new BackOff();
    for (;;) {
      this.#lostTimer ??= window.setTimeout(() => this.#announce("lost"), LOST_AFTER);
      let opened = false;
      await this.#listen(() => {
        opened = true;
        backOff.reset();
      });
      if (!opened && (await isSignedOut(this.#url)) && !isLeaving()) return signIn();
      if (this.#state === "connected") this.#announce("connecting");
      await pauseOrOnline(backOff.next());
    }
  }

  #listen(opened: () => void): Promise<void> {
    let greeted = 0;
    return follow(this.#last ? `${this.#url}?seen=${this.#last}` : this.#url, {
      hello: (_, number) => {
        greeted = number;
        opened();
        this.#save(true);
        this.#connected(number);
      },
      saving: (data) => {
        this.#save((JSON.parse(data) as { on: boolean }).on);
        this.#pass(this.#asSaid());
      },
      change: (data, number) => this.#news({ what: "change", number, change: JSON.parse(data) as Change }),
      resync: () => this.#news({ what: "resync", number: greeted }),
    });
  }

  #connected(number: number): void {
    window.clearTimeout(this.#lostTimer);
    this.#lostTimer = undefined;
    this.#catchUp(number);
    this.#announce("connected");
  }

  #news(said: News): void {
    this.#take(said);
    this.#pass(said);
  }

  #announce(state: LinkState): void {
    this.#show(state);
    this.#pass(this.#asSaid());
  }

  #pass(said: Said): void {
    this.#channel.postMessage(said);
  }

  #show(state: LinkState): void {
    this.#state = state;
    setLamp("live", state);
    document.documentElement.dataset["live"] = state;
    window.clearInterval(this.#poll);
    if (state === "lost") this.#poll = window.setInterval(() => this.#resync(), POLL_EVERY);
  }
}

function fire(kind: string, detail: Record<string, unknown>): void {
  document.body.dispatchEvent(new CustomEvent(`live:${kind}`, { detail }));
}

export function startLive(): void {
  const url = meta("live");
  if (url) new Live(url);
}
