/**
 * Plays a recording whose drawing the server has made: `telephony/_wave.html`.
 *
 * In it Space plays and pauses, arrows go five seconds back and on, "<" and ">" change the speed. A mark is gone to a second
 * before it. One side alone is heard on both ears. It fires `player:time` {seconds} when the place has changed and
 * writes it into fields with `data-player-place`; a button with `data-player-at` leads there, wherever it stands.
 */

import { say, words } from "../kit/dom";

const STEP_S = 5;
const BEFORE_S = 1;
const SPEEDS = [1, 1.25, 1.5, 2];
const BOTH = [0, 1] as const;

export class Player extends HTMLElement {
  #here = new AbortController();
  #sound: AudioContext | undefined;
  #gains: GainNode[][] = [];

  connectedCallback(): void {
    this.#here = new AbortController();
    const { signal } = this.#here;
    const audio = this.#audio;
    // Marks may stand outside of it; there is one player on a page.
    document.addEventListener("click", (event) => this.#onClick(event), { signal });
    this.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.addEventListener("input", (event) => this.#onInput(event), { signal });
    for (const name of ["timeupdate", "seeked"]) audio.addEventListener(name, () => this.#draw(), { signal });
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, () => this.#showState(), { signal });
    audio.addEventListener("error", () => this.#complain(), { signal });
    if ("autoplay" in this.dataset) this.#play();
  }

  disconnectedCallback(): void {
    this.#here.abort();
    this.#audio.pause();
    void this.#sound?.close();
    this.#sound = undefined;
  }

  /** Where it stands, in seconds. */
  get seconds(): number {
    return this.#audio.currentTime;
  }

  /** Goes there and plays. */
  playFrom(seconds: number): void {
    this.#seek(seconds);
    this.#play();
  }

  get #audio(): HTMLAudioElement {
    const audio = this.querySelector("audio");
    if (!audio) throw new Error("a player has a sound");
    return audio;
  }

  #onClick(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (!button) return;
    if (button.dataset["playerAt"]) this.playFrom(Number(button.dataset["playerAt"]) - BEFORE_S);
    if (button.dataset["player"] === "toggle") this.#toggle();
    if (button.dataset["player"] === "back") this.#seek(this.seconds - STEP_S);
    if (button.dataset["player"] === "on") this.#seek(this.seconds + STEP_S);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.altKey || event.metaKey) return;
    const isButton = event.target instanceof HTMLButtonElement;
    if (event.key === " " && !isButton) this.#toggle();
    else if (event.key === "ArrowLeft") this.#seek(this.seconds - STEP_S);
    else if (event.key === "ArrowRight") this.#seek(this.seconds + STEP_S);
    else if (event.key === "<" || event.key === ">") this.#changeSpeed(event.key === ">" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #onInput({ target }: Event): void {
    if (target instanceof HTMLInputElement) this.#seek(Number(target.value));
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.matches("[data-player-speed]")) this.#audio.playbackRate = Number(target.value);
    if (target.matches("[data-player-side]")) this.#hear(target.value);
  }

  #toggle(): void {
    if (this.#audio.paused) this.#play();
    else this.#audio.pause();
  }

  #play(): void {
    void this.#sound?.resume();
    // A browser that wants a click first says NotAllowedError: the button waits for it.
    this.#audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotSupportedError") this.#complain();
    });
  }

  #seek(seconds: number): void {
    this.#audio.currentTime = Math.min(Math.max(0, seconds), Number(this.dataset["seconds"]));
    this.#draw();
  }

  #changeSpeed(by: number): void {
    const list = this.querySelector<HTMLSelectElement>("[data-player-speed]");
    const now = SPEEDS.indexOf(this.#audio.playbackRate);
    const next = SPEEDS[Math.min(Math.max(0, now + by), SPEEDS.length - 1)] ?? 1;
    this.#audio.playbackRate = next;
    if (list) list.value = String(next);
  }

  /** side: "0" the customer, "1" ours, "" both, each on his ear. */
  #hear(side: string): void {
    this.#takeApart();
    for (const from of BOTH) {
      for (const to of BOTH) {
        const gain = this.#gains[from]?.[to];
        if (gain) gain.gain.value = side === "" ? Number(from === to) : Number(side === String(from));
      }
    }
  }

  #takeApart(): void {
    if (this.#sound) return;
    const sound = (this.#sound = new AudioContext());
    const [splitter, merger] = [sound.createChannelSplitter(2), sound.createChannelMerger(2)];
    sound.createMediaElementSource(this.#audio).connect(splitter);
    this.#gains = BOTH.map((from) =>
      BOTH.map((to) => {
        const gain = sound.createGain();
        splitter.connect(gain, from);
        gain.connect(merger, 0, to);
        return gain;
      }),
    );
    merger.connect(sound.destination);
  }

  #draw(): void {
    const total = Number(this.dataset["seconds"]) || 1;
    const columns = this.querySelector("svg")?.viewBox.baseVal.width ?? 0;
    const at = String((this.seconds / total) * columns);
    const line = this.querySelector(".player-now");
    for (const name of ["x1", "x2"]) line?.setAttribute(name, at);
    const seek = this.querySelector<HTMLInputElement>(".player-seek");
    if (seek && document.activeElement !== seek) seek.value = String(this.seconds);
    say(this.querySelector("[data-player-time]"), clock(this.seconds));
    const detail = { seconds: this.seconds };
    this.dispatchEvent(new CustomEvent("player:time", { detail, bubbles: true }));
    for (const field of document.querySelectorAll<HTMLInputElement>("[data-player-place]")) {
      field.value = this.seconds.toFixed(1);
    }
  }

  #showState(): void {
    const plays = !this.#audio.paused;
    this.dataset["state"] = plays ? "plays" : "rests";
    say(this.querySelector("[data-player-word]"), words(this, plays ? "pause" : "play"));
  }

  #complain(): void {
    const broken = this.querySelector<HTMLElement>("[data-player-broken]");
    say(broken, words(this, "broken"));
    if (broken) broken.hidden = false;
  }
}

/** Minutes and seconds: 3:05. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

customElements.define("cc-player", Player);
