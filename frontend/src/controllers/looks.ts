/**
 * How the screen looks, chosen by the person. Everything else about him is kept by the server; this by the browser.
 *
 *     <fieldset data-theme-switch>   <input type="radio" name="theme" value="auto | light | dark"> ...
 *     <fieldset data-density-switch> <input type="radio" name="density" value="normal | dense"> ...
 *     <button data-helper-width="narrower">, <button data-helper-width="wider">
 *     <input type="checkbox" data-single-keys>      off: single keys press no buttons (see `hotkeys.ts`)
 *
 * The styles read the choice as `data-bs-theme`, `data-density` and `data-single-keys` of <html> and `data-helper` of
 * <body>; the usual value has no attribute. It is remembered in cookies `look_<name>`, so that the server can draw a
 * page right from its first moment.
 */

import { around } from "../kit/dom";

type Look = "theme" | "density" | "helper" | "single-keys";

const USUAL: Record<Look, string> = { theme: "auto", density: "normal", helper: "normal", "single-keys": "on" };
const WIDTHS = ["hidden", "narrow", "normal", "wide", "widest"];
const YEAR = 60 * 60 * 24 * 365;

export function startLooks(): void {
  for (const name of Object.keys(USUAL) as Look[]) put(name, remembered(name) ?? present(name));
  tick();
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:afterSettle", tick);
}

function onChange(event: Event): void {
  const radio = around<HTMLInputElement>(event, "[data-theme-switch] input, [data-density-switch] input");
  const box = around<HTMLInputElement>(event, "input[data-single-keys]");
  if (radio) choose(radio.name === "theme" ? "theme" : "density", radio.value);
  if (box) choose("single-keys", box.checked ? "on" : "off");
}

function onClick(event: Event): void {
  const button = around(event, "[data-helper-width]");
  if (!button) return;
  const step = button.dataset["helperWidth"] === "wider" ? 1 : -1;
  const place = WIDTHS.indexOf(present("helper")) + step;
  choose("helper", WIDTHS[Math.min(WIDTHS.length - 1, Math.max(0, place))] ?? USUAL.helper);
}

function choose(name: Look, value: string): void {
  put(name, value);
  document.cookie = `look_${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
  tick();
}

function remembered(name: Look): string | undefined {
  return new RegExp(`(?:^|; )look_${name}=(\\w+)`).exec(document.cookie)?.[1];
}

function carrier(name: Look): [Element, string] {
  if (name === "helper") return [document.body, "data-helper"];
  return [document.documentElement, name === "theme" ? "data-bs-theme" : `data-${name}`];
}

function put(name: Look, value: string): void {
  const [element, attribute] = carrier(name);
  if (value === USUAL[name]) element.removeAttribute(attribute);
  else element.setAttribute(attribute, value);
}

function present(name: Look): string {
  const [element, attribute] = carrier(name);
  return element.getAttribute(attribute) ?? USUAL[name];
}

/** The switches show what is chosen. */
function tick(): void {
  for (const name of ["theme", "density"] as const) {
    for (const radio of document.querySelectorAll<HTMLInputElement>(`[data-${name}-switch] input`)) {
      radio.checked = radio.value === present(name);
    }
  }
  for (const box of document.querySelectorAll<HTMLInputElement>("input[data-single-keys]")) {
    box.checked = present("single-keys") === "on";
  }
}
