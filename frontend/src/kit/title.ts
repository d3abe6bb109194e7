/** The page's title, with a telephone before it while a call rings. */

const MARK = "\u260e ";

let marked = false;
let plain = document.title;

export function setTitle(text: string): void {
  plain = text;
  document.title = marked ? MARK + plain : plain;
}

export function markTitle(on: boolean): void {
  if (on === marked) return;
  if (on) plain = document.title; // htmx may have put another one
  marked = on;
  setTitle(plain);
}
