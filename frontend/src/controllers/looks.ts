/**
 * How the screen looks, chosen by the person: theme, density, width of the helper panel, folded rail, single keys.
 *
 *     <button type="button" data-look="theme" data-look-value="dark" aria-pressed="false">Dark</button>
 *     <button type="button" data-look="helper" data-look-value="narrow wide hidden">   each click takes the next one
 *     <input type="checkbox" data-look="single-keys" data-look-value="on off">         first value when ticked
 *
 * The choice stands on <html> (`data-bs-theme` for the theme, `data-<name>` for the others), where the styles read it,
 * and in a cookie `look_<name>`, so that the server can draw the next page right from the start. An empty value
 * ("theme" and `data-look-value=""`) means: as the system has it.
 */

import { around } from "../kit/dom";

const YEAR = 60 * 60 * 24 * 365;

export function startLooks(): void {
  for (const [name, value] of remembered()) put(name, value);
  show();
  document.addEventListener("click", (event) => {
    const button = around(event, "button[data-look]");
    if (button) choose(button, next(button));
  });
  document.addEventListener("change", (event) => {
    const box = around<HTMLInputElement>(event, "input[data-look]");
    if (box) choose(box, valuesOf(box)[box.checked ? 0 : 1] ?? "");
  });
  document.addEventListener("htmx:afterSettle", show);
}

function remembered(): [string, string][] {
  const cookies = document.cookie.split("; ").map((pair) => pair.split("=", 2));
  return cookies.flatMap(([key = "", value = ""]) =>
    key.startsWith("look_") ? [[key.slice("look_".length), decodeURIComponent(value)] as [string, string]] : [],
  );
}

function attribute(name: string): string {
  return name === "theme" ? "data-bs-theme" : `data-${name}`;
}

function put(name: string, value: string): void {
  if (value) document.documentElement.setAttribute(attribute(name), value);
  else document.documentElement.removeAttribute(attribute(name));
}

function present(name: string): string {
  return document.documentElement.getAttribute(attribute(name)) ?? "";
}

function valuesOf(element: HTMLElement): string[] {
  return (element.dataset["lookValue"] ?? "").split(" ");
}

function next(button: HTMLElement): string {
  const values = valuesOf(button);
  return values[(values.indexOf(present(button.dataset["look"] ?? "")) + 1) % values.length] ?? "";
}

function choose(element: HTMLElement, value: string): void {
  const name = element.dataset["look"] ?? "";
  put(name, value);
  document.cookie = `look_${name}=${encodeURIComponent(value)}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`;
  show();
}

/** The buttons and boxes tell what is chosen. */
function show(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-look]")) {
    const value = present(element.dataset["look"] ?? "");
    if (element instanceof HTMLInputElement) element.checked = (value || valuesOf(element)[0]) === valuesOf(element)[0];
    else if (valuesOf(element).length === 1) element.ariaPressed = String(value === valuesOf(element)[0]);
  }
}
