/**
 * The operator's telephone. It stays connected as long as its element is on the page: the whole shift.
 *
 *     <cc-desk-phone data-offer-url="/phone/offer/" data-ice-servers="[]"
 *         data-text-denied="Allow the microphone: the lock sign beside the address." data-text-missing="..."
 *         data-text-busy="..." data-text-insecure="..." data-text-elsewhere="The phone is in another window."
 *         data-text-taken="You work on another computer." data-text-lost="The phone is reconnecting.">
 *       <p role="alert" data-phone-message hidden></p>
 *       <button type="button" data-phone-take hidden>Work here</button>
 *     </cc-desk-phone>
 *     <meter data-mic-level min="0" max="1"></meter>          anywhere: how loud the microphone is
 *     <section id="callbar" data-state="talking">            in a call, closing the window asks first; out of one the
 *                                                            microphone is let go, and the browser's red sign with it
 *
 * States (`data-state`, the lamp `phone`, and the event `phone:state` on <body>): connecting, connected, lost (tries
 * again by itself, sooner when the network comes back), denied (no microphone; tries again when that changes),
 * elsewhere (another window of this browser, or another computer, has the phone; "Work here" takes it).
 *
 * POSTs {sdp, type, workplace, take}: `workplace` names this browser, `take` is true when the person asked for the
 * phone to be moved here. Answers: {sdp, type}; 503 the switch is away, 409 another workplace has the phone.
 */

import { meta, newId, say, words } from "../kit/dom";
import { HttpError, postJson } from "../kit/http";
import { setLamp } from "../kit/lamps";
import { audio } from "../kit/sound";
import { BackOff, aborted, alone, pauseOrOnline } from "../kit/waits";
import {
  MicrophoneError,
  isAllowedForGood,
  measure,
  microphoneMayWork,
  openMicrophone,
  stopAll,
} from "../phone/microphone";
import { VoiceLink, iceServersOf, type Description } from "../phone/voice_link";

export type PhoneState = "connecting" | "connected" | "lost" | "denied" | "elsewhere";

const TAKEN = 409;
const WORKPLACE = "perezvon-workplace";
const WAITS_FOR_TURN = 1_000;
const IN_CALL = new Set(["dialling", "talking", "held", "consulting"]);
/** From the first ring on, so that nothing of the first word is lost. */
const NEEDS_MICROPHONE = new Set([...IN_CALL, "ringing"]);
const RESTS_AFTER = 2_000;

export class DeskPhone extends HTMLElement {
  #player = new Audio();
  #microphone: MediaStream | undefined;
  #link: VoiceLink | undefined;
  #here = new AbortController();
  #asked = new AbortController();
  #take = false;
  #needed: boolean | undefined;
  #rest: number | undefined;
  #turned: Promise<void> = Promise.resolve();
  #stopMeter: (() => void) | undefined;

  connectedCallback(): void {
    this.#here = new AbortController();
    const { signal } = this.#here;
    this.addEventListener("click", (event) => this.#onClick(event), { signal });
    window.addEventListener("beforeunload", askInCall, { signal });
    const calls = new MutationObserver(() => this.#followCall());
    calls.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-state"] });
    signal.addEventListener("abort", () => calls.disconnect());
    this.#show("connecting");
    void this.#takeTurns(signal);
  }

  disconnectedCallback(): void {
    this.#here.abort();
  }

  /** One window of the browser works the phone. The others wait, or take it over when asked to. */
  async #takeTurns(here: AbortSignal): Promise<void> {
    const name = `perezvon-phone-${meta("person")}`;
    let steal = false;
    while (!here.aborted) {
      const asked = this.#asked.signal;
      const hint = window.setTimeout(() => this.#show("elsewhere", "elsewhere"), WAITS_FOR_TURN);
      const work = async (lost: AbortSignal): Promise<void> => {
        window.clearTimeout(hint);
        await this.#work(AbortSignal.any([lost, here]));
      };
      await alone(name, work, steal ? { steal } : { signal: AbortSignal.any([here, asked]) });
      window.clearTimeout(hint);
      steal = asked.aborted && this.dataset["fault"] === "elsewhere";
      if (!steal && !here.aborted) this.#show("elsewhere", "elsewhere");
    }
  }

  /** Keeps a link until `over`. */
  async #work(over: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    this.#show("connecting");
    while (!over.aborted) {
      try {
        await this.#connectOnce(over, backOff);
      } catch (error) {
        if (!over.aborted) await this.#waitOut(error, over, backOff);
      }
    }
    this.#releaseMicrophone();
  }

  async #connectOnce(over: AbortSignal, backOff: BackOff): Promise<void> {
    const link = new VoiceLink(await this.#openMicrophone(), this.#player, iceServersOf(this));
    this.#link = link;
    const stop = (): void => link.close();
    over.addEventListener("abort", stop, { once: true });
    await link.open((offer) => this.#exchange(offer));
    void link.connected.then(() => {
      backOff.reset();
      this.#show("connected");
      this.#needed = undefined;
      this.#followCall();
    });
    await link.ended;
    over.removeEventListener("abort", stop);
    if (over.aborted) return;
    this.#show("lost", "lost");
    await pauseOrOnline(backOff.next());
  }

  async #waitOut(error: unknown, over: AbortSignal, backOff: BackOff): Promise<void> {
    if (error instanceof MicrophoneError) {
      this.#show("denied", error.fault);
      return this.#untilAsked(over, microphoneMayWork(error.fault, over));
    }
    if (error instanceof HttpError && error.status === TAKEN) {
      this.#releaseMicrophone();
      this.#show("elsewhere", "taken");
      return this.#untilAsked(over);
    }
    this.#show("lost", "lost");
    await pauseOrOnline(backOff.next());
  }

  /** Until the person presses the button, or `change`. */
  async #untilAsked(over: AbortSignal, ...change: Promise<void>[]): Promise<void> {
    await Promise.race([aborted(AbortSignal.any([over, this.#asked.signal])), ...change]);
    if (!over.aborted) this.#show("connecting");
  }

  async #openMicrophone(): Promise<MediaStream> {
    if (this.#microphone?.getAudioTracks()[0]?.readyState === "live") return this.#microphone;
    this.#releaseMicrophone();
    const stream = await openMicrophone();
    this.#microphone = stream;
    stream.getAudioTracks()[0]?.addEventListener("ended", () => void this.#replaceMicrophone());
    this.#stopMeter = measure(stream, audio());
    return stream;
  }

  /** The bar shows another state: the microphone opens with the first ring, and rests a moment after the last word. */
  #followCall(): void {
    const needed = needsMicrophone();
    if (needed === this.#needed) return;
    this.#needed = needed;
    window.clearTimeout(this.#rest);
    if (needed) this.#turn(() => this.#wake());
    else this.#rest = window.setTimeout(() => this.#turn(() => this.#letGo()), RESTS_AFTER);
  }

  /** One after the other: a microphone is not let go while it is being opened. */
  #turn(act: () => Promise<void>): void {
    this.#turned = this.#turned.then(act).catch(() => undefined);
  }

  async #wake(): Promise<void> {
    if (this.#isResting) await this.#replaceMicrophone();
  }

  async #letGo(): Promise<void> {
    if (this.#isResting || needsMicrophone() || !this.#link || this.#link.isOver) return;
    if (!(await isAllowedForGood())) return; // it would ask again while a customer waits
    await this.#link.speakThrough(null);
    this.#releaseMicrophone();
  }

  get #isResting(): boolean {
    return this.#link !== undefined && !this.#link.isOver && this.#microphone === undefined;
  }

  /** Unplugged, or the permission was taken back: the link stays, the operator still hears, and any other will do. */
  async #replaceMicrophone(): Promise<void> {
    const { signal } = this.#here;
    while (this.#link && !this.#link.isOver && !signal.aborted) {
      try {
        await this.#link.speakThrough(await this.#openMicrophone());
        return this.#show("connected");
      } catch (error) {
        if (!(error instanceof MicrophoneError)) return;
        this.#show("denied", error.fault);
        await microphoneMayWork(error.fault, signal);
      }
    }
  }

  #releaseMicrophone(): void {
    this.#stopMeter?.();
    stopAll(this.#microphone);
    this.#microphone = undefined;
  }

  async #exchange(offer: Description): Promise<Description> {
    const take = this.#take;
    const body = { ...offer, workplace: workplace(), take };
    const answer = await postJson<Description>(this.dataset["offerUrl"] ?? "", body);
    this.#take = false;
    return answer;
  }

  #onClick(event: Event): void {
    if (!(event.target instanceof Element && event.target.closest("[data-phone-take]"))) return;
    this.#take = true;
    this.#asked.abort();
    this.#asked = new AbortController();
  }

  /** `fault` names the text that says what to do; none hides it. */
  #show(state: PhoneState, fault = ""): void {
    this.dataset["state"] = state;
    this.dataset["fault"] = fault;
    setLamp("phone", state);
    const message = this.querySelector<HTMLElement>("[data-phone-message]");
    say(message, fault ? words(this, fault) : "");
    if (message) message.hidden = !message.textContent;
    const take = this.querySelector<HTMLElement>("[data-phone-take]");
    if (take) take.hidden = state !== "elsewhere" && state !== "denied";
    document.body.dispatchEvent(new CustomEvent("phone:state", { detail: { state, fault } }));
  }
}

/** A name for this browser, so that a reloaded page is known as the same place of work. */
function workplace(): string {
  const known = localStorage.getItem(WORKPLACE) ?? newId();
  localStorage.setItem(WORKPLACE, known);
  return known;
}

function needsMicrophone(): boolean {
  return NEEDS_MICROPHONE.has(callState());
}

function callState(): string {
  return document.getElementById("callbar")?.dataset["state"] ?? "";
}

function askInCall(event: BeforeUnloadEvent): void {
  if (IN_CALL.has(callState())) event.preventDefault();
}

customElements.define("cc-desk-phone", DeskPhone);
