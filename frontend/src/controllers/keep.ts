/**
 * A swap never takes away what a person is typing, nor closes what he has open.
 *
 *     <form id="wrapup-0192f3" data-keep hx-get="..." hx-trigger="live:call from:body" hx-swap="outerHTML">
 *     <textarea id="note-0192f3" data-keep data-draft-url="..."></textarea>
 *     <div id="keypad" popover>
 *
 * Kept is a `[data-keep]` that holds the focus or differs from what the server sent, an open popover and an open
 * dialog. Each needs an id, and the id must name the record it belongs to: the old node takes the place of the one
 * with the same id in the new content, with its text, caret and scroll. Where the new content has no such place (the
 * call is over), the node goes; its draft has been sent (see `drafts.ts`). If the target of the swap is itself such a
 * node, the swap does not happen. Not kept is what the person has just sent himself: the answer to his own form, with
 * its errors or emptied, is what he waits for.
 */

import { around, takesText } from "../kit/dom";
import { onHtmx, type AfterRequest, type BeforeOobSwap, type BeforeSwap } from "../kit/htmx";

const UNPROCESSABLE = 422;
const OPEN = "[popover][id]:popover-open, dialog[id][open]";

export function startKeep(): void {
  onHtmx<AfterRequest>("beforeRequest", noteSending);
  onHtmx<AfterRequest>("beforeOnLoad", noteSent);
  document.addEventListener("input", (event) => delete around(event, "[data-keep]")?.dataset["sent"]);
  onHtmx<BeforeSwap>("beforeSwap", (detail) => {
    if (!detail.shouldSwap) return;
    if (isKept(detail.target)) detail.shouldSwap = false;
    else keep(detail.target, (id) => (detail.serverResponse = marked(detail.serverResponse, id)));
  });
  onHtmx<BeforeOobSwap>("oobBeforeSwap", (detail) => {
    if (isKept(detail.target)) detail.shouldSwap = false;
    else keep(detail.target, (id) => within(detail.fragment, id)?.setAttribute("hx-preserve", ""));
  });
}

/** `data-sent`: "now" while the form is under way, "yes" once the server has it. Typing on takes the mark away. */
function noteSending({ elt, requestConfig }: AfterRequest): void {
  if (requestConfig.verb !== "get") for (const node of keptBy(elt)) node.dataset["sent"] = "now";
}

/** What the server has taken, or answers with errors beside its fields, is free to be replaced. */
function noteSent({ elt, xhr, requestConfig }: AfterRequest): void {
  if (requestConfig.verb === "get" || (xhr.status >= 400 && xhr.status !== UNPROCESSABLE)) return;
  for (const node of keptBy(elt)) if (node.dataset["sent"] === "now") node.dataset["sent"] = "yes";
}

function keptBy(elt: Element): HTMLElement[] {
  const form = elt.closest("form") ?? elt;
  const nodes = [...document.querySelectorAll<HTMLElement>("[data-keep]")];
  return nodes.filter((node) => form.contains(node) || node.contains(form));
}

/** Lets htmx preserve each kept node, and gives back focus and openness where moving a node costs them. */
function keep(target: Element, mark: (id: string) => void): void {
  const nodes = [...target.querySelectorAll(`[data-keep][id], ${OPEN}`)].filter(isKept);
  if (!nodes.length) return;
  for (const node of nodes) mark(node.id);
  const restore = [...nodes.map(openness), focus()];
  // htmx swaps right after this event, in the same task; a microtask would run between the two.
  window.setTimeout(() => restore.forEach((again) => again()));
}

function isKept(node: Element): boolean {
  if (node.matches(OPEN)) return true;
  if (!node.hasAttribute("data-keep") || (node instanceof HTMLElement && node.dataset["sent"] === "yes")) return false;
  return holdsText(node) || isDirty(node);
}

function holdsText(node: Element): boolean {
  return node.contains(document.activeElement) && takesText(document.activeElement);
}

/** True if a field in it, or it itself, differs from what the server sent. */
export function isDirty(node: Element): boolean {
  return [node, ...node.querySelectorAll("input, textarea, select")].some(differs);
}

function differs(field: Element): boolean {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) {
    return [...field.options].some((option) => option.selected !== option.defaultSelected) && chosen(field);
  }
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** A list without a default shows its first option: that alone is nobody's choice. */
function chosen(list: HTMLSelectElement): boolean {
  return list.selectedIndex > 0 || [...list.options].some((option) => option.defaultSelected);
}

/** `html` with the element of this id marked for htmx to preserve. */
function marked(html: string, id: string): string {
  const place = new RegExp(`(\\sid=(["'])${id.replace(/[^\w-]/g, "\\$&")}\\2)`);
  return html.replace(place, "$1 hx-preserve");
}

function within(fragment: ParentNode, id: string): Element | null {
  if (fragment instanceof Element && fragment.id === id) return fragment;
  return fragment.querySelector(`#${CSS.escape(id)}`);
}

function openness(node: Element): () => void {
  const popover = node.matches("[popover]:popover-open");
  const modal = node.matches("dialog:modal");
  return () => {
    if (popover && node instanceof HTMLElement && node.isConnected && !node.matches(":popover-open")) node.showPopover();
    if (modal && node instanceof HTMLDialogElement && node.isConnected && !node.matches(":modal")) reopen(node);
  };
}

function reopen(dialog: HTMLDialogElement): void {
  dialog.close();
  dialog.showModal();
}

function focus(): () => void {
  const held = document.activeElement;
  const caret = held instanceof HTMLTextAreaElement || isTextInput(held) ? caretOf(held) : null;
  return () => {
    if (!(held instanceof HTMLElement) || !held.isConnected || document.activeElement === held) return;
    held.focus({ preventScroll: true });
    caret?.();
  };
}

function isTextInput(element: Element | null): element is HTMLInputElement {
  return element instanceof HTMLInputElement && element.selectionStart !== null;
}

function caretOf(field: HTMLTextAreaElement | HTMLInputElement): () => void {
  const { selectionStart, selectionEnd, selectionDirection } = field;
  return () => field.setSelectionRange(selectionStart, selectionEnd, selectionDirection ?? undefined);
}
