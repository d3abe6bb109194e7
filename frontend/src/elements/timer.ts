/**
 * Counts seconds since, or until, a moment of the server's clock.
 *
 *     <cc-timer since="2026-11-22T10:12:00+03:00">02:14</cc-timer>
 *     <cc-timer until="2026-11-22T10:15:00+03:00" warn="20" data-text-warn="20 seconds left"></cc-timer>
 *     <cc-timer since="..." until="..." class="bar"></cc-timer>
 *
 * `warn`: seconds before `until`, or after `since`, at which `data-warn` is set and `data-text-warn` is read out once.
 * With both moments the style property `--part` goes from 0 to 1, for a bar. Past `until` it stays at 0:00 and carries
 * `data-over`. `data-silent`: no text, only `--part`. The digits are hidden from screen readers: a text that
 * changes each second is noise.
 */

import { announce } from "../kit/announce";
import { words } from "../kit/dom";
import { everySecond, serverNow } from "../kit/server_time";

export class Timer extends HTMLElement {
  static observedAttributes = ["since", "until"];
  #stop: (() => void) | undefined;

  connectedCallback(): void {
    this.setAttribute("aria-hidden", "true");
    this.#stop = everySecond((now) => this.#draw(now));
    this.#draw(serverNow());
  }

  disconnectedCallback(): void {
    this.#stop?.();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#draw(serverNow());
  }

  #draw(now: number): void {
    const since = this.#moment("since");
    const until = this.#moment("until");
    if (until !== undefined) this.#show(Math.ceil((until - now) / 1000));
    else if (since !== undefined) this.#show(Math.floor((now - since) / 1000));
    if (until === undefined) return this.#warn(since !== undefined && this.#past((now - since) / 1000));
    this.toggleAttribute("data-over", now >= until);
    this.#warn(this.#near((until - now) / 1000));
    if (since !== undefined) this.style.setProperty("--part", part(since, until, now).toFixed(4));
  }

  #moment(name: "since" | "until"): number | undefined {
    const at = Date.parse(this.getAttribute(name) ?? "");
    return Number.isNaN(at) ? undefined : at;
  }

  #show(seconds: number): void {
    const text = clockText(Math.max(0, seconds));
    if (!this.hasAttribute("data-silent") && this.textContent !== text) this.textContent = text;
  }

  #past(elapsed: number): boolean {
    return this.hasAttribute("warn") && elapsed >= Number(this.getAttribute("warn"));
  }

  #near(left: number): boolean {
    return this.hasAttribute("warn") && left <= Number(this.getAttribute("warn"));
  }

  #warn(on: boolean): void {
    if (on && !this.hasAttribute("data-warn")) announce(words(this, "warn"));
    this.toggleAttribute("data-warn", on);
  }
}

function part(since: number, until: number, now: number): number {
  return until <= since ? 1 : Math.min(1, Math.max(0, (now - since) / (until - since)));
}

/** 75 -> "1:15", 3675 -> "1:01:15", 190800 -> "2 days 5 hr". */
export function clockText(seconds: number): string {
  const pair = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  if (hours >= DAY_H) return `${amount(Math.floor(hours / DAY_H), "day")}\u00a0${amount(hours % DAY_H, "hour")}`;
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = pair(seconds % 60);
  return hours ? `${hours}:${pair(minutes)}:${tail}` : `${minutes}:${tail}`;
}

const DAY_H = 24;

function amount(value: number, unit: "day" | "hour"): string {
  const language = document.documentElement.lang || undefined;
  const text = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  return text.replaceAll(" ", "\u00a0");
}

customElements.define("cc-timer", Timer);
