/**
 * The sheet of keys, made from the keys that the page has and has had since it was opened.
 *
 *     <dialog id="hotkeys" data-hotkey-sheet aria-labelledby="hotkeys-title">
 *       <table><tbody data-hotkey-rows>
 *         <tr data-hotkey-row="F2"><td>Answer</td><td><kbd>F2</kbd></td></tr>     those always told, whatever is shown
 *       </tbody></table>
 *       <template><tr><td data-hotkey-label></td><td><kbd data-hotkey-keys></kbd></td></tr></template>
 *     </dialog>
 *     <button type="button" commandfor="hotkeys" command="show-modal" data-hotkey="?">Keys</button>
 *
 * The key "?" opens it also while that button is in a closed menu. A row's name is the element's `data-hotkey-label`,
 * else `aria-label`, `title`, its label or its words.
 */

import { parseChord, pressedChord } from "../kit/chord";
import { topDialog } from "./dialogs";
import { singleKeysWork } from "./hotkeys";

export function startHotkeySheet(): void {
  gather();
  document.addEventListener("htmx:afterSettle", gather);
  document.addEventListener("keydown", (event) => {
    if (!event.defaultPrevented && pressedChord(event) === parseChord("?") && singleKeysWork() && !topDialog()) open();
  });
}

function sheetOf(): HTMLDialogElement | null {
  return document.querySelector("dialog[data-hotkey-sheet]");
}

function open(): void {
  gather();
  sheetOf()?.showModal();
}

function gather(): void {
  const sheet = sheetOf();
  if (sheet) for (const element of document.querySelectorAll<HTMLElement>("[data-hotkey]")) addRow(sheet, element);
}

function addRow(sheet: Element, element: HTMLElement): void {
  const keys = element.dataset["hotkey"] ?? "";
  const name = nameOf(element);
  const rows = sheet.querySelector("[data-hotkey-rows]");
  if (!rows || !name || isListed(rows, keys)) return;
  const row = sheet.querySelector("template")?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return;
  row.dataset["hotkeyRow"] = keys;
  fill(row, "[data-hotkey-label]", name);
  fill(row, "[data-hotkey-keys]", keys);
  rows.append(row);
}

function isListed(rows: Element, keys: string): boolean {
  const listed = [...rows.querySelectorAll<HTMLElement>("[data-hotkey-row]")];
  return listed.some((row) => parseChord(row.dataset["hotkeyRow"] ?? "") === parseChord(keys));
}

function nameOf(element: HTMLElement): string {
  const given = element.dataset["hotkeyLabel"] ?? element.ariaLabel ?? element.title;
  return given || labelOf(element) || plainText(element);
}

function labelOf(element: HTMLElement): string {
  const label = "labels" in element ? (element as HTMLInputElement).labels?.[0] : undefined;
  return label ? plainText(label) : "";
}

/** The words without the hint of the keys in them. */
function plainText(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const hint of copy.querySelectorAll("kbd, .visually-hidden")) hint.remove();
  return copy.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

function fill(row: Element, selector: string, text: string): void {
  const place = row.querySelector(selector);
  if (place) place.textContent = text;
}
