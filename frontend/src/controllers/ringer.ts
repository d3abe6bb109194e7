/**
 * Rings while something on the page has `data-ringing`, and stops at once when it is gone.
 *
 *     <section id="callbar" data-ringing="0192f3" data-notify-title="Incoming call" data-notify-text="Line 1">
 *     <input type="range" min="0" max="100" data-ring-volume aria-label="Ring volume">
 *     <button type="button" data-ring-test>Try</button>
 *     <button data-start-shift>Start the shift</button>    asks for notifications; any touch of the page unlocks sound
 *
 * Of several windows one rings: a Web Lock decides, among those whose sound is unlocked. The title of a ringing page
 * begins with a telephone. If the page is out of sight and notifications are allowed, the system shows one, without
 * the customer's name. A page that cannot be heard has `data-sound="blocked"` on <html>.
 */

import { around } from "../kit/dom";
import { audio, canBeHeard, ringTone, unlockByTouch } from "../kit/sound";
import { markTitle } from "../kit/title";
import { alone } from "../kit/waits";

const VOLUME = "perezvon-ring-volume";
const TEST_MS = 2_900;

class Ringer {
  #stop: (() => void) | undefined;
  #tone: AudioBuffer | undefined;
  #gain: GainNode | undefined;
  #note: Notification | undefined;
  #turn: AbortController | undefined;

  /** The page has changed: begin, go on or stop. */
  look(): void {
    const call = document.querySelector<HTMLElement>("[data-ringing]");
    if (Boolean(call) === Boolean(this.#turn)) return;
    if (call) this.#begin(call);
    else this.#end();
  }

  setVolume(percent: number): void {
    localStorage.setItem(VOLUME, String(percent));
    if (this.#gain) this.#gain.gain.value = volume() / 100;
  }

  async try(): Promise<void> {
    await audio().resume();
    this.#play();
    window.setTimeout(() => this.#turn ?? this.#silence(), TEST_MS);
  }

  #begin(call: HTMLElement): void {
    this.#turn = new AbortController();
    markTitle(true);
    this.#notify(call);
    void this.#ring(this.#turn.signal);
  }

  #end(): void {
    this.#turn?.abort();
    this.#turn = undefined;
    this.#silence();
    this.#note?.close();
    markTitle(false);
  }

  /** Waits for the sound, then for the turn of this window, and plays until the signal. */
  async #ring(over: AbortSignal): Promise<void> {
    await heard(over);
    if (over.aborted) return;
    await alone("perezvon-ring", () => this.#playUntil(over), { signal: over });
  }

  #playUntil(over: AbortSignal): Promise<void> {
    if (!over.aborted) this.#play();
    return new Promise((resolve) => {
      if (over.aborted) resolve();
      over.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #play(): void {
    this.#silence();
    const context = audio();
    const source = new AudioBufferSourceNode(context, { buffer: (this.#tone ??= ringTone(context)), loop: true });
    this.#gain = new GainNode(context, { gain: volume() / 100 });
    source.connect(this.#gain).connect(context.destination);
    source.start();
    this.#stop = () => source.stop();
  }

  #silence(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #notify(call: HTMLElement): void {
    const { notifyTitle, notifyText, ringing } = call.dataset;
    if (!notifyTitle || !document.hidden || !mayNotify()) return;
    this.#note = new Notification(notifyTitle, { body: notifyText ?? "", tag: ringing ?? "call", silent: true });
    this.#note.onclick = () => window.focus();
  }
}

function mayNotify(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}

/** Settles when the page may make sound, or when it is no longer needed. */
function heard(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (canBeHeard() || over.aborted) resolve();
    };
    audio().addEventListener("statechange", check, { signal: over });
    over.addEventListener("abort", check, { once: true });
    check();
  });
}

function volume(): number {
  return Number(localStorage.getItem(VOLUME) ?? 70);
}

export function startRinger(): void {
  const ringer = new Ringer();
  unlockByTouch();
  const watch = new MutationObserver(() => ringer.look());
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-ringing"] });
  ringer.look();
  const sliders = document.querySelectorAll<HTMLInputElement>("[data-ring-volume]");
  for (const slider of sliders) slider.valueAsNumber = volume();
  document.addEventListener("input", (event) => {
    const slider = around<HTMLInputElement>(event, "[data-ring-volume]");
    if (slider) ringer.setVolume(slider.valueAsNumber);
  });
  document.addEventListener("click", (event) => {
    if (around(event, "[data-ring-test]")) void ringer.try();
    if (around(event, "[data-start-shift]") && "Notification" in window) void Notification.requestPermission();
  });
}
