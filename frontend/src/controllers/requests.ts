/**
 * How htmx asks, and what happens when the answer is a refusal.
 *
 * Every request carries the CSRF token of `<meta name="csrf">`. A refusal in words replaces the contents of an element
 * that has nothing better to show (empty, or marked `data-shows-errors`); otherwise it becomes a toast, and what is on
 * the screen stays: a call bar must not vanish because one refresh failed. A form that comes back with its errors
 * (422) is an answer like any other.
 *
 * What an act answered is brought into view: the first sentence or wrong field of it, where it is not seen already.
 *
 * Two acts may be answered the other way round, when the first takes longer to draw. `X-Perezvon-As-Of` says which
 * answer knows more: one that knows less than what its place already shows is not drawn.
 */

import { csrfHeader } from "../kit/http";
import { onHtmx, type AfterRequest, type AfterSwap, type BeforeSwap, type ConfigRequest } from "../kit/htmx";
import { toast, toastWords } from "./toasts";

export const UNPROCESSABLE = 422;

export function startRequests(): void {
  configure();
  onHtmx<{ headers: Record<string, string> }>("configRequest", ({ headers }) => Object.assign(headers, csrfHeader()));
  onHtmx<ConfigRequest>("configRequest", addSubmitter);
  document.addEventListener("submit", (event) => void (pressed = event.submitter), { capture: true });
  onHtmx<BeforeSwap>("beforeSwap", showInPlace);
  onHtmx<BeforeSwap>("beforeSwap", passOverOlder);
  onHtmx<AfterRequest>("responseError", (detail) => {
    if (!shown.has(detail.xhr)) tell(detail);
  });
  onHtmx<AfterRequest>("afterRequest", lookAgain);
  onHtmx<AfterSwap>("afterSwap", bringIntoView);
  onHtmx<AfterRequest>("sendError", ({ requestConfig }) => {
    if (requestConfig.verb !== "get") toastWords("unreachable", "bad");
  });
}

/**
 * What an act answered was drawn while its effects were under way, and may have been overtaken by what a live event
 * fetched meanwhile. So what has come of it is asked for once more.
 */
function lookAgain({ elt, successful, requestConfig }: AfterRequest): void {
  const drew = requestConfig.verb !== "get" && elt.getAttribute("hx-swap") !== "none";
  if (successful && drew) document.body.dispatchEvent(new CustomEvent("live:resync", { detail: {} }));
}

const SAYS = '.notice[role="alert"], [aria-invalid="true"], .notice';

/** Of what is worse first, and within it the first. */
function bringIntoView({ target, requestConfig }: AfterSwap): void {
  if (requestConfig.verb === "get") return;
  const here = target.isConnected ? target : document.getElementById(target.id);
  for (const each of SAYS.split(", ")) {
    const said = here?.querySelector(each);
    if (said) return said.scrollIntoView({ block: "nearest" });
  }
}

/** The button that submitted last. htmx forgets it when a menu closes by the same click; the browser does not. */
let pressed: HTMLElement | null = null;

function addSubmitter({ elt, formData }: ConfigRequest): void {
  if (!(pressed instanceof HTMLButtonElement) || pressed.form !== elt || !pressed.name) return;
  if (!formData.has(pressed.name)) formData.append(pressed.name, pressed.value);
}

function configure(): void {
  const config = window.htmx?.config;
  if (!config) return;
  config.allowEval = false;
  config.allowScriptTags = false;
  config.historyCacheSize = 0; // pages hold personal data: none of it goes to the browser's storage
  config.includeIndicatorStyles = false;
  config.defaultSettleDelay = 0; // until it has settled, a new part is deaf to live events: a second one would be lost
  config.attributesToSettle = ["class"]; // "style" too would be an inline style to our policy
  config.refreshOnHistoryMiss = true;
}

const shown = new WeakSet<XMLHttpRequest>();

function showInPlace(detail: BeforeSwap): void {
  if (detail.xhr.status === UNPROCESSABLE) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
  if (!detail.isError || !isPart(detail.xhr)) return;
  if (detail.target.childElementCount && !detail.target.hasAttribute("data-shows-errors")) return;
  detail.shouldSwap = true;
  detail.swapOverride = "innerHTML";
  shown.add(detail.xhr);
}

const shownAsOf = new WeakMap<Element, number>();

/** What a person went to is drawn in any case; so is a refusal, which nothing else says. */
function passOverOlder(detail: BeforeSwap): void {
  const asOf = Number(detail.xhr.getResponseHeader("X-Perezvon-As-Of"));
  if (!detail.shouldSwap || !asOf || detail.xhr.status >= 400) return;
  const shown = shownAsOf.get(detail.target) ?? 0;
  if (detail.requestConfig.verb !== "get" && asOf < shown) detail.shouldSwap = false;
  else shownAsOf.set(detail.target, asOf);
}

/** Our own refusals come with a code; anything else may be a page of a proxy. */
function isPart(xhr: XMLHttpRequest): boolean {
  return xhr.getResponseHeader("X-Perezvon-Code") !== null;
}

/** A failed refresh stays quiet while the link is lost: the lamp says it. A failed act never does. */
function tell({ xhr, requestConfig }: AfterRequest): void {
  const refresh = requestConfig.verb === "get";
  if (refresh && document.documentElement.dataset["live"] === "lost") return;
  const said = isPart(xhr) ? new DOMParser().parseFromString(xhr.responseText, "text/html") : null;
  const text = (said?.querySelector("[data-words]") ?? said?.body)?.textContent?.trim();
  if (text) toast(text, "bad");
  else toastWords("failed", "bad");
}
