/**
 * Buttons whose effect comes later, over the live stream: hold, hang up, a state of presence.
 *
 *     <form method="post" action="..." hx-post="..." hx-swap="none" data-command data-throttle="1000">
 *       <input type="hidden" name="act" value="clear">
 *       <input type="hidden" name="command_id" value="">
 *       <button>...</button>
 *     </form>
 *
 * Each click gets a new `command_id`, and its button shows that it is pending (`data-pending`, `aria-busy`) until
 * something changes, the click is refused (`live:refused` with its id), or 5 s have passed: then it wakes with a
 * message. A pending form takes no further click, nor does the second half of a double click. `data-throttle`: the
 * same `act` is not sent twice within so many milliseconds, even by a button drawn anew: a nervous second press of
 * "End" must not end the next call. `data-command="repeat"`: keys of a keypad, each press is sent and none is pending.
 *
 * After a refusal every live part fetches itself again (`live:resync`): the button was pressed on something outdated.
 * `data-refused-url`: a dialog to open again when the colleague chosen in it can't be had.
 */

import { around, newId } from "../kit/dom";
import { onHtmx, type AfterRequest } from "../kit/htmx";
import { UNPROCESSABLE } from "./requests";
import { toastRefusal, toastWords } from "./toasts";

const WAKES_AFTER = 5_000;
const CHANGES = ["live:call", "live:agent", "live:interaction", "live:resync"];

interface Pending {
  form: HTMLFormElement;
  button: HTMLElement | null;
  timer: number;
}

const pending = new Map<string, Pending>();
/** Clicks of this window. A refusal reaches every window of the person; only the one that clicked speaks. */
const mine = new Map<string, HTMLFormElement>();
/** Refusals that say of somebody that he can't be had: the dialog asks for another. */
const NOT_REACHED = new Set(["busy", "unreachable"]);
const sentAt = new Map<string, number>();

export function startCommands(): void {
  document.addEventListener("click", dropDoubleClick, { capture: true });
  document.addEventListener("submit", onSubmit, { capture: true });
  for (const change of CHANGES) document.body.addEventListener(change, wakeAll);
  document.body.addEventListener("live:refused", onRefused);
  onHtmx<AfterRequest>("afterRequest", onAnswer);
}

function dropDoubleClick(event: MouseEvent): void {
  const form = around(event, "button")?.closest<HTMLElement>("form[data-command]");
  if (form && event.detail > 1 && form.dataset["command"] !== "repeat") event.preventDefault();
}

function onSubmit(event: SubmitEvent): void {
  const form = around<HTMLFormElement>(event, "form[data-command]");
  if (!form) return;
  if ("pending" in form.dataset || tooSoon(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const id = newId();
  const field = form.querySelector<HTMLInputElement>("input[name=command_id]");
  if (field) field.value = id;
  mine.set(id, form);
  if (form.dataset["command"] !== "repeat") wait(id, form, event.submitter);
}

function tooSoon(form: HTMLFormElement): boolean {
  const limit = Number(form.dataset["throttle"] ?? 0);
  if (!limit) return false;
  const act = form.querySelector<HTMLInputElement>("input[name=act]")?.value ?? form.action;
  const now = performance.now();
  if (now - (sentAt.get(act) ?? -Infinity) < limit) return true;
  sentAt.set(act, now);
  return false;
}

function wait(id: string, form: HTMLFormElement, button: HTMLElement | null): void {
  const timer = window.setTimeout(() => {
    wake(id);
    if (form.isConnected) toastWords("late", "info");
  }, WAKES_AFTER);
  pending.set(id, { form, button, timer });
  show(form, button, true);
}

function wake(id: string): void {
  const waiting = pending.get(id);
  if (!waiting) return;
  pending.delete(id);
  window.clearTimeout(waiting.timer);
  show(waiting.form, waiting.button, false);
}

function wakeAll(): void {
  for (const id of [...pending.keys()]) wake(id);
}

function show(form: HTMLFormElement, button: HTMLElement | null, on: boolean): void {
  form.toggleAttribute("data-pending", on);
  if (!button) return;
  button.toggleAttribute("data-pending", on);
  for (const name of ["aria-busy", "aria-disabled"]) {
    if (on) button.setAttribute(name, "true");
    else button.removeAttribute(name);
  }
}

function onRefused(event: Event): void {
  const { id, code } = (event as CustomEvent<{ id: string; code: string }>).detail;
  const form = mine.get(id);
  if (!form || !mine.delete(id)) return;
  wake(id);
  if (!askForAnother(form, code)) toastRefusal(code);
  document.body.dispatchEvent(new CustomEvent("live:resync", { detail: {} }));
}

/** A form with `data-refused-url` chose `target`; who was not reached is said in the dialog of that address. */
function askForAnother(form: HTMLFormElement, code: string): boolean {
  const url = form.dataset["refusedUrl"];
  const failed = new FormData(form).get("target");
  const place = document.getElementById("dialogs");
  if (!url || !place || !NOT_REACHED.has(code) || typeof failed !== "string") return false;
  const asked = new URLSearchParams({ failed, code });
  void window.htmx?.ajax("GET", `${url}&${asked}`, { target: place, swap: "innerHTML", source: place });
  return true;
}

/**
 * An error ends the wait, and so does an answer that shows itself. A success while the stream is away is looked up at
 * once.
 */
function onAnswer({ elt, successful, xhr }: AfterRequest): void {
  if (!elt.matches("form[data-command]")) return;
  const id = elt.querySelector<HTMLInputElement>("input[name=command_id]")?.value ?? "";
  const shows = elt.getAttribute("hx-swap") !== "none" || xhr.status === UNPROCESSABLE;
  if (!successful || shows) wake(id);
  else if (document.documentElement.dataset["live"] !== "connected") {
    document.body.dispatchEvent(new CustomEvent("live:resync", { detail: {} }));
  }
}
