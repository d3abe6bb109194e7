/**
 * A combination of keys, written as people read it: "F2", "Shift+F2", "Alt+M", "Ctrl+Enter", "/", "?".
 *
 * It is compared by the physical key: on a Russian layout the key of M types another letter, but it stays the same key.
 * On a Mac, Alt types characters, so there Alt combinations are Ctrl combinations.
 */

const onMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const CODES: Record<string, string> = {
  "/": "Slash",
  "?": "Shift+Slash",
  Enter: "Enter",
  Esc: "Escape",
  Space: "Space",
  Up: "ArrowUp",
  Down: "ArrowDown",
};

/** "alt ctrl shift code" of what is written; equal texts are equal combinations. */
export function parseChord(written: string): string {
  const parts = (CODES[written] ?? written).split("+");
  const key = parts.pop() ?? "";
  const alt = parts.includes("Alt");
  return signature({
    altKey: alt && !onMac,
    ctrlKey: parts.includes("Ctrl") || (alt && onMac),
    shiftKey: parts.includes("Shift"),
    code: codeOf(key),
  });
}

/** The same for what is pressed. */
export function pressedChord(event: KeyboardEvent): string {
  return signature({
    altKey: event.altKey,
    ctrlKey: event.ctrlKey || event.metaKey,
    shiftKey: event.shiftKey,
    code: event.code === "NumpadEnter" ? "Enter" : event.code,
  });
}

/** True for one that types a character when nothing else is held: those must not fire while somebody writes. */
export function isSingleKey(chord: string): boolean {
  return !chord.startsWith("alt") && !chord.includes("ctrl") && !/ F\d+$| Escape$/.test(chord);
}

export function isFunctionKey(chord: string): boolean {
  return / F\d+$/.test(chord);
}

function signature(keys: Pick<KeyboardEvent, "altKey" | "ctrlKey" | "shiftKey" | "code">): string {
  const held = [keys.altKey && "alt", keys.ctrlKey && "ctrl", keys.shiftKey && "shift"].filter(Boolean);
  return `${held.join("+")} ${keys.code}`;
}

function codeOf(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Key${key}`;
  if (/^\d$/.test(key)) return `Digit${key}`;
  return CODES[key] ?? key;
}
