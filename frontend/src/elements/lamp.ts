/**
 * A lamp of the top bar: the state as `data-state` for the colour, and in words.
 *
 *     <cc-lamp name="live" role="status" data-state="connecting"
 *              data-text-connecting="Connecting" data-text-connected="Connected" data-text-lost="No connection">
 *       <span class="dot"></span><span data-lamp-text>Connecting</span>
 *     </cc-lamp>
 *
 * States of `live`: connecting, connected, lost. States of `phone`: see `elements/desk_phone.ts`.
 */

import { say, words } from "../kit/dom";
import { lampState, onLamp, type LampName } from "../kit/lamps";

export class Lamp extends HTMLElement {
  #stop: (() => void) | undefined;

  connectedCallback(): void {
    this.#stop = onLamp((name) => name === this.#name && this.#draw());
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#stop?.();
  }

  get #name(): LampName {
    return this.getAttribute("name") as LampName;
  }

  #draw(): void {
    const state = lampState(this.#name);
    if (!state) return;
    this.dataset["state"] = state;
    say(this.querySelector("[data-lamp-text]"), words(this, state));
  }
}

customElements.define("cc-lamp", Lamp);
