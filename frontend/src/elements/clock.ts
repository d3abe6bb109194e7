/**
 * Date and time of the centre, in the language of the page.
 *
 *     <cc-clock zone="Europe/Moscow">Sun, 22 November, 10:14</cc-clock>
 */

import { everySecond, serverNow } from "../kit/server_time";

export class Clock extends HTMLElement {
  #stop: (() => void) | undefined;
  #format = new Intl.DateTimeFormat();

  connectedCallback(): void {
    const zone = this.getAttribute("zone");
    this.#format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
      weekday: "short",
      day: "numeric",
      month: "long",
      hour: "2-digit",
      minute: "2-digit",
      ...(zone ? { timeZone: zone } : {}),
    });
    this.#stop = everySecond((now) => this.#draw(now));
    this.#draw(serverNow());
  }

  disconnectedCallback(): void {
    this.#stop?.();
  }

  #draw(now: number): void {
    const text = this.#format.format(now);
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define("cc-clock", Clock);
