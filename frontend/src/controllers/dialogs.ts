/**
 * Dialogs and menus beyond what the browser does by itself.
 *
 *     <div id="dialogs"></div>                            htmx puts dialogs here: hx-target="#dialogs"
 *     <dialog id="transfer" data-open>...</dialog>        opens as soon as it is on the page
 *     <button commandfor="transfer" command="close">      also where the browser does not know it yet; "show-modal" too
 *     <div id="presence" popover><button class="menu-item">   choosing an item closes its menu
 *
 * A dialog closes when its own form is accepted with `hx-swap="none"`. One that lives in #dialogs is removed then.
 */

import { around } from "../kit/dom";
import { onHtmx, type AfterRequest } from "../kit/htmx";

export function startDialogs(): void {
  onHtmx<{ elt: Element }>("load", ({ elt }) => openMarked(elt));
  openMarked(document.body);
  document.addEventListener("close", removeClosed, { capture: true });
  document.addEventListener("click", (event) => {
    around(event, ".menu-item")?.closest<HTMLElement>(":popover-open")?.hidePopover();
  });
  onHtmx<AfterRequest>("afterRequest", closeAccepted);
  if (!("commandForElement" in HTMLButtonElement.prototype)) document.addEventListener("click", runCommand);
}

/** The dialog that makes the rest of the page wait, if there is one. */
export function topDialog(): HTMLDialogElement | null {
  return [...document.querySelectorAll<HTMLDialogElement>("dialog:modal")].at(-1) ?? null;
}

function openMarked(root: Element): void {
  const dialogs = root.matches("dialog[data-open]") ? [root] : root.querySelectorAll("dialog[data-open]");
  for (const dialog of dialogs) if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

function removeClosed(event: Event): void {
  if (event.target instanceof HTMLDialogElement && event.target.parentElement?.id === "dialogs") event.target.remove();
}

function closeAccepted({ elt, successful, requestConfig }: AfterRequest): void {
  const form = elt.closest("form");
  if (!successful || requestConfig.verb === "get" || form?.getAttribute("hx-swap") !== "none") return;
  form.closest("dialog")?.close();
}

function runCommand(event: MouseEvent): void {
  const button = around(event, "button[commandfor]");
  const dialog = document.getElementById(button?.getAttribute("commandfor") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (button?.getAttribute("command") === "close") dialog.close();
  else if (!dialog.open) dialog.showModal();
}
