/**
 * The customer's telephone: a page with one button.
 *
 *     <cc-call-page data-offer-url="/call/support/offer/" data-leg-url="/call/leg/" data-state="idle"
 *         data-ice-servers="[]"
 *         data-text-idle="" data-text-asking="Allow the microphone..." data-text-calling="Calling..."
 *         data-text-greeting="You are being connected." data-text-queued="Your place in the queue: {position}"
 *         data-text-queued-soon="You are next." data-text-talking="You are talking to us."
 *         data-text-held="One moment..."
 *         data-text-ended="The call is over. Thank you."
 *         data-text-denied="..." data-text-missing="..." data-text-busy="..." data-text-insecure="..."
 *         data-text-unreachable="..." data-text-lost="The connection was lost.">
 *       <p role="status" data-call-words></p>
 *       <p role="alert" data-call-error hidden></p>
 *       <div data-show="idle ended">
 *         <input type="tel" data-phone>
 *         <button type="button" data-call>Call</button>
 *         <label><input type="checkbox" data-no-record> Do not record</label></div>
 *       <div data-show="calling greeting queued talking held" hidden>
 *         <cc-timer data-call-timer></cc-timer>
 *         <button type="button" data-mute aria-pressed="false">Microphone</button>
 *         <div role="group" aria-label="Keys"><button type="button" data-digit="1">1</button>...</div></div>
 *       <div data-show="asking calling greeting queued talking held" hidden>
 *         <button type="button" data-hangup>Hang up</button></div>
 *     </cc-call-page>
 *
 * `data-show`: the states in which a part is shown. The page asks for the state of the call once a second. A refusal
 * of the server is shown in its own words. Digit keys of the keyboard work too. `{position}` is only put where known:
 * without it `queued-soon` is said.
 */

import { say, takesText, words } from "../kit/dom";
import { HttpError, getJson, postJson } from "../kit/http";
import { serverNow } from "../kit/server_time";
import { MicrophoneError, openMicrophone, stopAll } from "../phone/microphone";
import { VoiceLink, iceServersOf, type Description } from "../phone/voice_link";

type CallState = "idle" | "asking" | "calling" | "greeting" | "queued" | "talking" | "held" | "ended";
type Answer = Description & { leg: string; token: string };
type Status = { state: "greeting" | "queued" | "talking" | "held" | "ended"; position: number | null };

const ASK_EVERY = 1_000;

class Call {
  readonly #url: string;
  readonly #token: string;

  constructor(base: string, { leg, token }: Answer) {
    this.#url = `${base}${leg}/`;
    this.#token = token;
  }

  status(): Promise<Status> {
    return getJson<Status>(`${this.#url}?token=${encodeURIComponent(this.#token)}`);
  }

  async press(digits: string): Promise<void> {
    await postJson(`${this.#url}digits/`, { token: this.#token, digits });
  }

  /** Sent even if the page is just closing. */
  async clear(): Promise<void> {
    await postJson(`${this.#url}clear/`, { token: this.#token }, { keepalive: true });
  }
}

export class CallPage extends HTMLElement {
  #player = new Audio();
  #microphone: MediaStream | undefined;
  #link: VoiceLink | undefined;
  #call: Call | undefined;
  #poll: number | undefined;
  #here = new AbortController();

  connectedCallback(): void {
    this.#here = new AbortController();
    const { signal } = this.#here;
    this.addEventListener("click", (event) => this.#onClick(event), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    window.addEventListener("pagehide", () => void this.#call?.clear().catch(() => undefined), { signal });
    this.#show("idle");
  }

  disconnectedCallback(): void {
    this.#here.abort();
    this.#finish("ended");
  }

  #isIn(...states: CallState[]): boolean {
    return states.includes(this.dataset["state"] as CallState);
  }

  #onClick(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (!button) return;
    if (button.matches("[data-call]")) void this.#start();
    else if (button.matches("[data-hangup]")) void this.#hangUp();
    else if (button.matches("[data-mute]")) this.#mute(button);
    else if (button.dataset["digit"]) this.#press(button.dataset["digit"]);
  }

  #onKey({ key, altKey, ctrlKey, metaKey, repeat }: KeyboardEvent): void {
    if (altKey || ctrlKey || metaKey || repeat || takesText(document.activeElement)) return;
    if (/^[0-9*#]$/.test(key)) this.#press(key);
  }

  async #start(): Promise<void> {
    if (!this.#isIn("idle", "ended")) return;
    this.#complain("");
    this.#show("asking");
    try {
      this.#microphone = await openMicrophone();
      if (!this.#isIn("asking")) return this.#releaseMicrophone();
      this.#show("calling");
      await this.#connect(this.#microphone);
    } catch (error) {
      this.#finish("idle");
      this.#complain(this.#reason(error));
    }
  }

  async #connect(microphone: MediaStream): Promise<void> {
    const link = new VoiceLink(microphone, this.#player, iceServersOf(this));
    this.#link = link;
    const phone = this.querySelector<HTMLInputElement>("[data-phone]")?.value ?? "";
    const record = !this.querySelector<HTMLInputElement>("[data-no-record]")?.checked;
    const answer = await link.open((offer) =>
      postJson<Answer>(this.dataset["offerUrl"] ?? "", { ...offer, record, phone }),
    );
    this.#call = new Call(this.dataset["legUrl"] ?? "/call/leg/", answer);
    if (!this.#isIn("calling")) return this.#hangUp();
    this.querySelector("[data-call-timer]")?.setAttribute("since", new Date(serverNow()).toISOString());
    this.#askLater();
    void link.ended.then((how) => this.#linkEnded(link, how === "failed"));
  }

  #askLater(): void {
    window.clearTimeout(this.#poll);
    this.#poll = window.setTimeout(() => void this.#ask(), ASK_EVERY);
  }

  /** A question that fails is asked again: the talk goes on while the pages are away. */
  async #ask(): Promise<void> {
    const call = this.#call;
    if (!call) return;
    try {
      const status = await call.status();
      if (call !== this.#call) return;
      if (status.state === "ended") return this.#finish("ended");
      this.#show(status.state, status.position);
    } catch (error) {
      if (error instanceof HttpError && (error.status === 404 || error.status === 403)) return this.#finish("ended");
    }
    this.#askLater();
  }

  async #linkEnded(link: VoiceLink, lost: boolean): Promise<void> {
    if (link !== this.#link) return;
    const call = this.#call;
    this.#finish("ended");
    if (lost) this.#complain(words(this, "lost"));
    if (lost) await call?.clear().catch(() => undefined);
  }

  async #hangUp(): Promise<void> {
    const call = this.#call;
    this.#finish("ended");
    await call?.clear().catch(() => undefined);
  }

  #finish(state: "idle" | "ended"): void {
    window.clearTimeout(this.#poll);
    const link = this.#link;
    this.#link = undefined;
    this.#call = undefined;
    link?.close();
    this.#releaseMicrophone();
    this.#show(state);
  }

  #releaseMicrophone(): void {
    stopAll(this.#microphone);
    this.#microphone = undefined;
  }

  #mute(button: HTMLElement): void {
    const muted = button.ariaPressed !== "true";
    button.ariaPressed = String(muted);
    this.#link?.mute(muted);
  }

  #press(digit: string): void {
    void this.#call?.press(digit).catch((error: unknown) => this.#complain(this.#reason(error)));
  }

  #reason(error: unknown): string {
    if (error instanceof MicrophoneError) return words(this, error.fault);
    return (error instanceof HttpError && error.words) || words(this, "unreachable");
  }

  #show(state: CallState, position: number | null = null): void {
    this.dataset["state"] = state;
    const name = state === "queued" && position === null ? "queued-soon" : state;
    say(this.querySelector("[data-call-words]"), words(this, name, { position: String(position) }));
    for (const part of this.querySelectorAll<HTMLElement>("[data-show]")) {
      part.hidden = !part.dataset["show"]?.split(" ").includes(state);
    }
    if (state === "calling") this.querySelector<HTMLElement>("[data-mute]")?.setAttribute("aria-pressed", "false");
  }

  #complain(text: string): void {
    const place = this.querySelector<HTMLElement>("[data-call-error]");
    say(place, text);
    if (place) place.hidden = !text;
  }
}

customElements.define("cc-call-page", CallPage);
