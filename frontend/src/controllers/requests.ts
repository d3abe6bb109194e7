/**
 * How htmx asks, and what happens when the answer is a refusal.
 *
 * Every request carries the CSRF token of `<meta name="csrf">`. A refusal in words replaces the contents of an element
 * that has nothing better to show (empty, or marked `data-shows-errors` and asked anew); otherwise it stands in the form where
 * something wrong was typed (422), or becomes a toast, and what is on the screen stays: a call bar must not vanish
 * because one refresh failed. A form that comes back with its errors (422) is an answer like any other.
 *
 * Two acts may be answered the other way round, when the first takes longer to draw. `X-Perezvon-As-Of` says which
 * answer knows more: one that knows less than what its place already shows is not drawn.
 */

import { csrfHeader } from "../kit/http";
import { onHtmx, type AfterRequest, type BeforeSwap, type ConfigRequest } from "../kit/htmx";
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
  if (detail.xhr.status === UNPROCESSABLE && !isPart(detail.xhr)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
  if (!detail.isError || !isPart(detail.xhr)) return;
  const isAsked = detail.requestConfig.verb === "get" && detail.target.hasAttribute("data-shows-errors");
  if (detail.target.childElementCount && !isAsked) return;
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
function tell({ elt, xhr, requestConfig }: AfterRequest): void {
  const refresh = requestConfig.verb === "get";
  if (refresh && document.documentElement.dataset["live"] === "lost") return;
  const said = isPart(xhr) ? new DOMParser().parseFromString(xhr.responseText, "text/html") : null;
  const text = (said?.querySelector("[data-words]") ?? said?.body)?.textContent?.trim();
  const form = xhr.status === UNPROCESSABLE && !refresh ? elt.closest<HTMLFormElement>("form") : null;
  const sentence = said?.querySelector(".notice p")?.textContent?.trim();
  if (form && sentence && takesWords(form)) tellIn(form, sentence);
  else if (text) toast(text, "bad");
  else toastWords("failed", "bad");
}

/** A command of the bar above has no room for words. */
function takesWords(form: HTMLFormElement): boolean {
  if (form.getAttribute("hx-swap") === "none" || !form.checkVisibility()) return false;
  return form.querySelector("input.input, textarea.input, select.select") !== null;
}

/** Until something else is typed or sent. */
function tellIn(form: HTMLFormElement, text: string): void {
  const said = document.createElement("p");
  said.className = "hint";
  said.dataset["tone"] = "bad";
  said.dataset["refusal"] = "";
  said.role = "alert";
  said.textContent = text;
  form.querySelector("[data-refusal]")?.remove();
  (form.querySelector(".form-actions, button:not([type=button]):last-of-type") ?? form.lastElementChild)?.before(said);
  const forget = (): void => said.remove();
  form.addEventListener("input", forget, { once: true });
  form.addEventListener("submit", forget, { once: true });
  said.scrollIntoView({ block: "nearest" });
}
