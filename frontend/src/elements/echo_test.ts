/**
 * The equipment test: a call in which one hears oneself a moment later.
 *
 *     <cc-echo-test data-offer-url="/phone/echo/" data-text-idle="..." data-text-asking="..." data-text-calling="..."
 *         data-text-talking="..." data-text-ended="..." data-text-denied="..." data-text-missing="..."
 *         data-text-busy="..." data-text-insecure="..." data-text-unreachable="...">
 *       <p role="status" data-test-words></p>
 *       <p role="alert" data-test-error hidden></p>
 *       <meter data-mic-level min="0" max="1"></meter>
 *       <button type="button" data-test-start>Begin</button>
 *       <button type="button" data-test-stop hidden>Finish</button>
 *       <fieldset data-test-verdict hidden>
 *         <button type="button" data-verdict="yes">Yes</button> <button type="button" data-verdict="no">No</button>
 *       </fieldset>
 *       <p role="status" data-verdict-words="yes" hidden>...</p>
 *       <p role="status" data-verdict-words="no" hidden>...</p>
 *     </cc-echo-test>
 *
 * States (`data-state`): idle, asking, calling, talking, ended. Fires `echo:verdict` {heard} when the person has said.
 */

import { say, words } from "../kit/dom";
import { HttpError, postJson } from "../kit/http";
import { audio } from "../kit/sound";
import { MicrophoneError, measure, openMicrophone, stopAll } from "../phone/microphone";
import { VoiceLink, iceServersOf, type Description } from "../phone/voice_link";

type TestState = "idle" | "asking" | "calling" | "talking" | "ended";

export class EchoTest extends HTMLElement {
  #player = new Audio();
  #microphone: MediaStream | undefined;
  #link: VoiceLink | undefined;
  #stopMeter: (() => void) | undefined;
  #here = new AbortController();

  connectedCallback(): void {
    this.#here = new AbortController();
    this.addEventListener("click", (event) => this.#onClick(event), { signal: this.#here.signal });
    this.#show("idle");
  }

  disconnectedCallback(): void {
    this.#here.abort();
    this.#stop("idle");
  }

  #onClick(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (button?.matches("[data-test-start]")) void this.#start();
    if (button?.matches("[data-test-stop]")) this.#stop("ended");
    if (button?.dataset["verdict"]) this.#judge(button.dataset["verdict"]);
  }

  async #start(): Promise<void> {
    this.#stop("asking");
    this.#complain("");
    this.#tell("");
    try {
      const microphone = await openMicrophone();
      if (!this.isConnected || this.dataset["state"] !== "asking") return stopAll(microphone);
      this.#microphone = microphone;
      void audio().resume();
      this.#stopMeter = measure(this.#microphone, audio());
      this.#show("calling");
      await this.#connect(this.#microphone);
    } catch (error) {
      this.#stop("idle");
      this.#complain(this.#reason(error));
    }
  }

  async #connect(microphone: MediaStream): Promise<void> {
    const link = new VoiceLink(microphone, this.#player, iceServersOf(this));
    this.#link = link;
    void link.connected.then(() => this.#show("talking"));
    await link.open((offer) => postJson<Description>(this.dataset["offerUrl"] ?? "", offer));
    void link.ended.then((how) => {
      if (link !== this.#link) return;
      this.#stop("ended");
      if (how === "failed") this.#complain(words(this, "unreachable"));
    });
  }

  #stop(state: TestState): void {
    const link = this.#link;
    this.#link = undefined;
    link?.close();
    this.#stopMeter?.();
    stopAll(this.#microphone);
    this.#microphone = undefined;
    this.#show(state);
  }

  #judge(verdict: string): void {
    this.#stop("ended");
    this.#tell(verdict);
    this.dispatchEvent(new CustomEvent("echo:verdict", { bubbles: true, detail: { heard: verdict === "yes" } }));
  }

  #tell(verdict: string): void {
    for (const text of this.querySelectorAll<HTMLElement>("[data-verdict-words]")) {
      text.hidden = text.dataset["verdictWords"] !== verdict;
    }
  }

  #reason(error: unknown): string {
    if (error instanceof MicrophoneError) return words(this, error.fault);
    return (error instanceof HttpError && error.words) || words(this, "unreachable");
  }

  #show(state: TestState): void {
    this.dataset["state"] = state;
    const running = state === "asking" || state === "calling" || state === "talking";
    say(this.querySelector("[data-test-words]"), words(this, state));
    this.#hide("[data-test-start]", running);
    this.#hide("[data-test-stop]", !running);
    this.#hide("[data-test-verdict]", state !== "talking");
  }

  #hide(selector: string, hidden: boolean): void {
    const part = this.querySelector<HTMLElement>(selector);
    if (part) part.hidden = hidden;
  }

  #complain(text: string): void {
    const place = this.querySelector<HTMLElement>("[data-test-error]");
    say(place, text);
    if (place) place.hidden = !text;
  }
}

customElements.define("cc-echo-test", EchoTest);
