/**
 * What the page answers to an act is found by whoever did it.
 *
 * A form that came back with something wrong has the caret in its first wrong field; a sentence that says what came of
 * the act is brought into view. What the act led to is seen from its top and has its address in the address bar, or in
 * the tab of the desk, so that reloading shows it again and not the form that was sent.
 */

import { onHtmx, type AfterSwap } from "../kit/htmx";

const WRONG = '[aria-invalid="true"]';
const ACTS = new Set(["submit", "click"]); // what follows typing, such as a preview, moves nothing
const SAYS = ['.notice[role="alert"]', ".notice"];

/** `detail` of perezvon:moved, sent to the place that shows something else now. */
export interface Moved {
  path: string;
}

export function startAnswers(): void {
  onHtmx<AfterSwap>("afterSwap", (detail) => {
    if (detail.requestConfig.verb === "get" || !ACTS.has(detail.requestConfig.triggeringEvent?.type ?? "")) return;
    const place = detail.target.isConnected ? detail.target : document.getElementById(detail.target.id);
    if (!place) return;
    if (place.id === "workspace" && detail.xhr.status < 400) move(place, detail);
    show(place);
  });
}

function show(place: Element): void {
  const wrong = place.querySelector<HTMLElement>(WRONG);
  const said = wrong ?? SAYS.map((each) => place.querySelector(each)).find((each) => each !== null);
  if (wrong && (document.activeElement ?? document.body) === document.body) wrong.focus({ preventScroll: true });
  said?.scrollIntoView({ block: "nearest" });
}

/** A redirect is followed without a word of it but the address of the answer. */
function move(place: Element, { xhr, requestConfig }: AfterSwap): void {
  const now = new URL(xhr.responseURL);
  const path = now.pathname + now.search;
  if (now.pathname === new URL(requestConfig.path, location.href).pathname) return;
  const moved = new CustomEvent<Moved>("perezvon:moved", { detail: { path }, bubbles: true, cancelable: true });
  if (!place.dispatchEvent(moved) || path === location.pathname + location.search) return;
  if (now.pathname === location.pathname) return history.replaceState(history.state, "", path);
  scrollTo({ top: 0, behavior: "instant" });
  history.replaceState({ htmx: true }, "");
  history.pushState({ htmx: true }, "", path);
}
