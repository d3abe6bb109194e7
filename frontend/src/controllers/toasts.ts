/**
 * Short messages about what the person just did. Good news leaves after 6 s, unless pointed at or focused; what went
 * wrong stays until it is closed.
 *
 *     <div id="toasts" role="status"
 *          data-text-late="No answer yet. See what has changed and repeat if needed."
 *          data-text-unreachable="The server cannot be reached." data-text-failed="It did not work."
 *          data-text-refused="Not done ({code})." data-text-refused-outdated="The call has moved on meanwhile." ...>
 *       <template>
 *         <div class="toast"><span data-toast-text></span>
 *           <button type="button" data-toast-close aria-label="Close">...</button></div>
 *       </template>
 *     </div>
 *
 * Codes of refusals: expired, outdated, not_possible, gone, no_target, busy, unreachable, invalid_number, no_line; the
 * attribute has dashes for underscores. The server sends its own message with `HX-Trigger: {"toast": {"text": "...",
 * "tone": "good", "act": {"label": "Undo", "url": "..."}}}`; tones: good, bad, info. A message with an act, which is
 * POSTed to its address, stays 10 s.
 */

import { around, words } from "../kit/dom";

const LEAVES_AFTER = 6_000;
const LEAVES_WITH_ACT_AFTER = 10_000;

export type Tone = "good" | "bad" | "info";

export interface Act {
  label: string;
  url: string;
}

/** Shows `text`. The same text shown already is only moved to the end. */
export function toast(text: string, tone: Tone = "info", act?: Act): void {
  const region = document.getElementById("toasts");
  const drawn = region?.querySelector("template")?.content.firstElementChild?.cloneNode(true);
  if (!region || !text || !(drawn instanceof HTMLElement)) return;
  for (const shown of region.querySelectorAll("[data-toast-text]")) {
    if (shown.textContent === text) (shown.closest<HTMLElement>("[data-toast]") ?? shown).remove();
  }
  drawn.dataset["toast"] = "";
  drawn.dataset["tone"] = tone;
  const place = drawn.querySelector("[data-toast-text]");
  if (place) place.textContent = text;
  if (act) drawn.querySelector("[data-toast-close]")?.before(buttonFor(act, drawn));
  region.append(drawn);
  if (tone !== "bad") leaveLater(drawn, act ? LEAVES_WITH_ACT_AFTER : LEAVES_AFTER);
}

function buttonFor(act: Act, shown: HTMLElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-small";
  button.textContent = act.label;
  button.addEventListener("click", () => {
    button.disabled = true;
    void window.htmx?.ajax("POST", act.url, { source: document.body, target: document.body, swap: "none" });
    shown.remove();
  });
  return button;
}

/** Shows one of the region's own texts. */
export function toastWords(name: string, tone: Tone, values: Record<string, string> = {}): void {
  const region = document.getElementById("toasts");
  if (region) toast(words(region, name, values), tone);
}

/** Says why the server refused a click. */
export function toastRefusal(code: string): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  toast(words(region, `refused-${code.replaceAll("_", "-")}`) || words(region, "refused", { code }), "bad");
}

function leaveLater(shown: HTMLElement, after: number): void {
  window.setTimeout(() => {
    if (shown.matches(":hover, :focus-within")) leaveLater(shown, after);
    else shown.remove();
  }, after);
}

export function startToasts(): void {
  document.addEventListener("click", (event) => {
    if (around(event, "[data-toast-close]")) around(event, "[data-toast]")?.remove();
  });
  document.body.addEventListener("toast", (event) => {
    const { text, tone, act } = (event as CustomEvent<{ text?: string; tone?: Tone; act?: Act }>).detail;
    toast(text ?? "", tone, act);
  });
}
