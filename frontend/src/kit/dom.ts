/**
 * Small questions about the page, asked in many places.
 *
 * Words for people are never written in script. An element carries them: `data-text-<name>="Saved {time}"`, translated
 * by the template; `words` fills the braces.
 */

/** The translated text `name` of an element, with `{key}` replaced. Empty if the template gave none. */
export function words(element: Element, name: string, values: Record<string, string> = {}): string {
  const text = element.getAttribute(`data-text-${name}`) ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** What `<meta name="...">` says, or an empty string. */
export function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** Calls `act` when the document is parsed; at once if it is. */
export function whenReady(act: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act, { once: true });
  else act();
}

/** The nearest element around an event's origin that matches. */
export function around<T extends Element = HTMLElement>(event: Event, selector: string): T | null {
  return event.target instanceof Element ? event.target.closest<T>(selector) : null;
}

/** Puts text where it differs: a live region is not read out again for nothing. */
export function say(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** True where a person types text, so that a single letter must stay a letter. */
export function takesText(element: Element | null): boolean {
  if (element instanceof HTMLInputElement) return !NOT_TYPED.has(element.type);
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLElement && element.isContentEditable)
  );
}

const NOT_TYPED = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

/** True if it takes room on the screen: not hidden by itself, by a parent or by a closed dialog. */
export function isShown(element: Element): boolean {
  return element.checkVisibility({ visibilityProperty: true });
}

/** A new random id. `crypto.randomUUID` is missing where the page came over plain HTTP. */
export function newId(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
