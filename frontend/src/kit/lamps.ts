/** What the lamps of the top bar show. A lamp swapped in later reads its state from here. */

export type LampName = "live" | "phone";
type Redraw = (name: LampName) => void;

const states = new Map<LampName, string>();
const redraws = new Set<Redraw>();

export function setLamp(name: LampName, state: string): void {
  if (states.get(name) === state) return;
  states.set(name, state);
  for (const redraw of redraws) redraw(name);
}

export function lampState(name: LampName): string | undefined {
  return states.get(name);
}

export function onLamp(redraw: Redraw): () => void {
  redraws.add(redraw);
  return () => redraws.delete(redraw);
}
