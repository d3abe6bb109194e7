/**
 * A swap never takes away what a person is typing, nor closes what he has open.
 *
 *     <form id="wrapup" hx-post="/desk/contacts/0192f3/result/" data-keep>...</form>
 *     <textarea id="note" data-keep data-draft-url="/desk/contacts/0192f3/draft/"></textarea>
 *     <div id="keypad" popover>
 *     <div id="topics" data-tree><ul><li><details><summary>Cards</summary>...
 *
 * In a `[data-keep]` each field that holds the focus or differs from what the server sent takes the place of its
 * counterpart in the new content, with text, caret and undo; everything around it is new. The new content must be
 * about the same record: same id and same `data-keep`, `hx-post` and `data-draft-url`; the next call does not inherit
 * the words of the last one. An open dialog stays whole, and so does an open popover in which something is typed; any
 * other popover stays open with what it says now, and an open branch of a `[data-tree]` open. A popover from which an
 * act was sent has done its work and closes, unless the act was refused. Not kept is what the person has just sent
 * himself: the answer to his own form, with its errors or emptied, is what he waits for, even when the form was replaced
 * meanwhile; a part that such an answer is to replace is not drawn anew before it, nor one that says what is wrong in it,
 * as long as it is about the same `revision`.
 */

import { around, takesText } from "../kit/dom";
import { onHtmx, type AfterRequest, type BeforeOobSwap, type BeforeSwap } from "../kit/htmx";
import { UNPROCESSABLE } from "./requests";

const FIELDS = "input:not([type=hidden]), textarea, select";
const OPEN = "[popover][id]:popover-open, dialog[id][open]";
// What is swapped into the place of dialogs was asked for there: another dialog, or the answer to the one that is open.
const DIALOGS = "dialogs";
const TREE = "[data-tree][id]";
const WRONG = '[data-wrong], [aria-invalid="true"]';
const RECORD = ["data-keep", "hx-post", "data-draft-url"];

type Pair = [now: HTMLElement, next: Element];

export function startKeep(): void {
  onHtmx<AfterRequest>("beforeRequest", noteSending);
  onHtmx<AfterRequest>("beforeOnLoad", noteSent);
  document.addEventListener("input", (event) => delete around(event, "[data-keep]")?.dataset["sent"]);
  onHtmx<BeforeSwap>("beforeSwap", (detail) => {
    // A form that was replaced meanwhile tells the page nothing by itself.
    noteSent({ elt: detail.requestConfig.elt, xhr: detail.xhr, requestConfig: detail.requestConfig });
    if (!detail.shouldSwap || detail.target.id === DIALOGS || !mayKeep(detail.target)) return;
    const next = document.createElement("template");
    next.innerHTML = detail.serverResponse;
    if (keep(detail.target, next.content, doneIn(detail))) detail.serverResponse = next.innerHTML;
  });
  onHtmx<BeforeOobSwap>("oobBeforeSwap", (detail) => {
    if (awaitsItsAnswer(detail.target) || saysWhatIsWrong(detail.target, detail.fragment)) detail.shouldSwap = false;
    else keep(detail.target, detail.fragment, null);
  });
}

/**
 * A form in it is under way whose answer will take its place: drawn anew meanwhile, it would leave that answer nowhere to
 * go. What was new about it comes with the answer.
 */
function awaitsItsAnswer(target: Element): boolean {
  return target.id !== "" && target.querySelector(`form.htmx-request[hx-target="#${target.id}"]`) !== null;
}

/**
 * What was refused in it is still to be read: a drawing of the same revision that others caused would take the words away,
 * for only the answer to the act has them.
 */
function saysWhatIsWrong(target: Element, next: ParentNode): boolean {
  const form = target.querySelector<HTMLElement>(`form[data-keep][id]:has(${WRONG})`);
  const successor = form && byId(next, form.id);
  if (!form || !successor || !sameRecord(form, successor)) return false;
  const [now, then] = [form, successor].map((each) => each.querySelector<HTMLInputElement>('input[name="revision"]')?.value);
  return now !== undefined && now === then;
}

/** `data-sent`: "now" while the form is under way, "yes" once the server has it. Typing on takes the mark away. */
function noteSending({ elt, requestConfig }: AfterRequest): void {
  if (requestConfig.verb !== "get") for (const node of holdersOf(elt)) node.dataset["sent"] = "now";
}

/** What the server has taken, or answers with errors beside its fields, is free to be replaced. */
function noteSent({ elt, xhr, requestConfig }: AfterRequest): void {
  if (requestConfig.verb === "get" || (xhr.status >= 400 && xhr.status !== UNPROCESSABLE)) return;
  for (const node of holdersOf(elt)) if (node.dataset["sent"] === "now") node.dataset["sent"] = "yes";
}

function holdersOf(elt: Element): HTMLElement[] {
  const form = elt.closest("form") ?? elt;
  return [...document.querySelectorAll<HTMLElement>("[data-keep]")].filter(
    (node) => form.contains(node) || node.contains(form) || (form.id !== "" && form.id === node.id),
  );
}

function mayKeep(target: Element): boolean {
  return within(target, `[data-keep], ${OPEN}, ${TREE}`).length > 0;
}

/** The popover from which this act was sent, if it succeeded. */
function doneIn({ requestConfig, xhr }: BeforeSwap): Element | null {
  return requestConfig.verb === "get" || xhr.status >= 400 ? null : requestConfig.elt.closest("[popover]");
}

/** Lets htmx preserve the nodes of each pair. True if there are any. */
function keep(target: Element, next: ParentNode, done: Element | null): boolean {
  const opened = openBranches(target, next);
  const sending = markSending(target, next);
  const stay = within(target, OPEN).filter((now) => now !== done);
  const pairs = [...openPairs(stay, next), ...fieldPairs(target, next)];
  const open = stay.map(openness);
  const refocus = focus();
  for (const [now, place] of pairs) preserve(now, place);
  // htmx swaps right after this event, in the same task.
  window.setTimeout(() => {
    const isLost = (document.activeElement ?? document.body) === document.body;
    for (const again of open) again();
    if (isLost) refocus();
  });
  return pairs.length > 0 || opened || sending;
}

/** What is under way stays so in the new content. True if there is any. */
function markSending(target: Element, next: ParentNode): boolean {
  const marked = within(target, '[data-keep][id][data-sent="now"]').flatMap((holder) => byId(next, holder.id) ?? []);
  for (const successor of marked) successor.setAttribute("data-sent", "now");
  return marked.length > 0;
}

let made = 0;

function preserve(now: Element, place: Element): void {
  now.id ||= `kept-${(made += 1)}`;
  place.id = now.id;
  place.setAttribute("hx-preserve", "");
}

/** Opens in the new content the branches of trees that are open now. True if there are any. */
function openBranches(target: Element, next: ParentNode): boolean {
  const branches = within(target, TREE).flatMap((tree) => {
    const open = new Set(within(tree, "details[open]").map(pathOf));
    const successor = byId(next, tree.id);
    return successor ? [...successor.querySelectorAll("details")].filter((branch) => open.has(pathOf(branch))) : [];
  });
  for (const branch of branches) branch.open = true;
  return branches.length > 0;
}

/** The names of a branch and those above it. */
function pathOf(branch: Element): string {
  const above = branch.parentElement?.closest("details");
  return `${above ? pathOf(above) : ""}/${branch.querySelector("summary")?.textContent?.trim() ?? ""}`;
}

function openPairs(open: HTMLElement[], next: ParentNode): Pair[] {
  const whole = open.filter((now) => now.matches("dialog") || within(now, FIELDS).some(isHeld));
  return whole.flatMap((now) => pair(now, byId(next, now.id)));
}

function fieldPairs(target: Element, next: ParentNode): Pair[] {
  const holders = within(target, "[data-keep][id]").filter((holder) => holder.dataset["sent"] !== "yes");
  return holders.flatMap((holder) => {
    const successor = byId(next, holder.id);
    if (!successor || !sameRecord(holder, successor)) return [];
    const held = within(holder, FIELDS).filter((field) => isHeld(field) && !field.closest(OPEN));
    return held.flatMap((field) => pair(field, counterpart(field, holder, successor)));
  });
}

function pair(now: HTMLElement, next: Element | null): Pair[] {
  return next ? [[now, next]] : [];
}

function sameRecord(now: Element, next: Element): boolean {
  return RECORD.every((name) => now.getAttribute(name) === next.getAttribute(name));
}

/** The field of the same name; of the same value too where a name has many boxes. */
function counterpart(field: Element, holder: Element, successor: Element): Element | null {
  if (field === holder) return successor;
  if (field.id) return byId(successor, field.id);
  const box = field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type);
  const value = box ? `[value="${CSS.escape(field.value)}"]` : "";
  return successor.querySelector(`[name="${CSS.escape(field.getAttribute("name") ?? "")}"]${value}`);
}

function within(root: Element, selector: string): HTMLElement[] {
  const below = [...root.querySelectorAll<HTMLElement>(selector)];
  return root instanceof HTMLElement && root.matches(selector) ? [root, ...below] : below;
}

function byId(root: ParentNode, id: string): Element | null {
  if (root instanceof Element && root.id === id) return root;
  return root.querySelector(`#${CSS.escape(id)}`);
}

function isHeld(field: Element): boolean {
  return (field === document.activeElement && takesText(field)) || differs(field);
}

/** True if a field in it, or it itself, differs from what the server sent. */
export function isDirty(node: Element): boolean {
  return within(node, FIELDS).some(differs);
}

function differs(field: Element): boolean {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) return chosen(field);
  if (!(field instanceof HTMLInputElement)) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** A list without a default shows its first option: that alone is nobody's choice. */
function chosen(list: HTMLSelectElement): boolean {
  const options = [...list.options];
  if (!list.multiple && !options.some((option) => option.defaultSelected)) return list.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}

/** Opens it again, or what has come in its place; a popover at its new button, for the old one is gone. */
function openness(was: HTMLElement): () => void {
  const popover = was.matches(":popover-open");
  const modal = was.matches("dialog:modal");
  const at = [...was.querySelectorAll("button, a")].indexOf(document.activeElement ?? was);
  return () => {
    const node = was.isConnected ? was : document.getElementById(was.id);
    if (popover && node?.hasAttribute("popover")) openPopover(node, at);
    if (modal && node instanceof HTMLDialogElement && !node.matches(":modal")) {
      node.close();
      node.showModal();
    }
  };
}

function openPopover(node: HTMLElement, at: number): void {
  const source = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(node.id)}"]`);
  if (node.matches(":popover-open")) node.hidePopover();
  node.showPopover(source ? { source } : undefined);
  node.querySelectorAll<HTMLElement>("button, a")[at]?.focus();
}

function focus(): () => void {
  const held = document.activeElement;
  const caret = isText(held) ? caretOf(held) : null;
  return () => {
    if (!(held instanceof HTMLElement) || !held.isConnected || document.activeElement === held) return;
    held.focus({ preventScroll: true });
    caret?.();
  };
}

function isText(element: Element | null): element is HTMLInputElement | HTMLTextAreaElement {
  const field = element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement;
  return field && element.selectionStart !== null;
}

function caretOf(field: HTMLTextAreaElement | HTMLInputElement): () => void {
  const { selectionStart, selectionEnd, selectionDirection } = field;
  return () => field.setSelectionRange(selectionStart, selectionEnd, selectionDirection ?? undefined);
}
