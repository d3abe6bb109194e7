/**
 * Date and time of the centre, in the language of the page. `zone` overrules `<meta name="zone">`.
 *
 *     <cc-clock zone="Europe/Moscow">Sun, 22 November, 10:14</cc-clock>
 */

import { everySecond, inZone, serverNow } from "../kit/server_time";

export class Clock extends HTMLElement {
  #stop: (() => void) | undefined;
  #formats: Intl.DateTimeFormat[] = [];

  connectedCallback(): void {
    const language = document.documentElement.lang || undefined;
    const zone = this.getAttribute("zone");
    const where = zone ? { timeZone: zone } : inZone();
    this.#formats = [
      new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", ...where }),
      new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...where }),
    ];
    this.#stop = everySecond((now) => this.#draw(now));
    this.#draw(serverNow());
  }

  disconnectedCallback(): void {
    this.#stop?.();
  }

  #draw(now: number): void {
    const text = this.#formats.map((format) => format.format(now)).join(", ");
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define("cc-clock", Clock);
