/**
 * Keys that press buttons. The page says which: the attribute is the whole registry.
 *
 *     <button data-hotkey="F2">Answer</button>              presses it
 *     <textarea data-hotkey="Alt+N"></textarea>             moves the focus to it
 *     <fieldset data-digits tabindex="-1">                  a digit presses `data-digit` while the focus is in here
 *       <input type="radio" data-digit="1"> ... </fieldset>
 *     <div popover> <button data-digit="#">                 or while the menu is open
 *
 * Function keys and combinations work everywhere, also while typing; single keys only where nothing is typed, and not
 * at all if the person switched them off (`data-single-keys="off"` on <html>). While a dialog is open only its own
 * keys work, and the function keys: a call can always be answered and ended. Escape is left to the browser, which
 * closes the upper layer; it never ends a call. What is disabled, pending or hidden does not answer. Of several
 * candidates the one in the form that holds the focus is taken, else the first. Ctrl+Enter sends the form in which one
 * is typing, also if its button does not say so.
 */

import { isFunctionKey, isSingleKey, parseChord, pressedChord } from "../kit/chord";
import { isShown, takesText } from "../kit/dom";
import { topDialog } from "./dialogs";

const SAVE = parseChord("Ctrl+Enter");

export function startHotkeys(): void {
  document.addEventListener("keydown", onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat || event.isComposing || event.getModifierState("AltGraph")) return;
  const target = forChord(pressedChord(event)) ?? forDigit(event);
  if (!target) return;
  event.preventDefault();
  if (!isAsleep(target)) activate(target);
}

function forChord(chord: string): HTMLElement | undefined {
  if (isSingleKey(chord) && !singleKeysWork()) return undefined;
  const scope = (!isFunctionKey(chord) && topDialog()) || document;
  const candidates = [...scope.querySelectorAll<HTMLElement>("[data-hotkey]")].filter(
    (element) => parseChord(element.dataset["hotkey"] ?? "") === chord && isShown(element),
  );
  const form = document.activeElement?.closest("form");
  const own = candidates.find((element) => form?.contains(element));
  return own ?? (chord === SAVE ? sendOf(form) : undefined) ?? candidates[0];
}

/** Somebody who writes a note and saves means the note, whatever else on the screen could be saved. */
function sendOf(form: Element | null | undefined): HTMLElement | undefined {
  if (!form || !takesText(document.activeElement)) return undefined;
  return form.querySelector<HTMLElement>("button:not([type=button])") ?? undefined;
}

export function singleKeysWork(): boolean {
  return !takesText(document.activeElement) && document.documentElement.dataset["singleKeys"] !== "off";
}

/** Also "*" and "#" of a keypad, from the number pad or by Shift and the digit. */
function forDigit(event: KeyboardEvent): HTMLElement | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey || takesText(document.activeElement)) return undefined;
  const sign = signOf(event);
  const place = document.activeElement?.closest("[data-digits]") ?? document.querySelector("[popover]:popover-open");
  if (!sign || !place) return undefined;
  const found = [...place.querySelectorAll<HTMLElement>("[data-digit]")];
  return found.find((element) => element.dataset["digit"] === sign && isShown(element));
}

function signOf(event: KeyboardEvent): string | undefined {
  if (event.code === "NumpadMultiply" || event.key === "*") return "*";
  if (event.key === "#" || (event.shiftKey && event.code === "Digit3")) return "#";
  return event.shiftKey ? undefined : /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
}

function isAsleep(element: HTMLElement): boolean {
  return element.matches(":disabled, [aria-disabled=true], [data-pending]");
}

function activate(element: HTMLElement): void {
  if (!takesText(element)) return element.click();
  element.focus();
  if (element instanceof HTMLInputElement) element.select();
}
