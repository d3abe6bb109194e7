/**
 * The server's clock, so that every screen of the centre counts the same seconds.
 *
 *     <meta name="server-time" content="2026-11-22T10:14:02.513+03:00">
 */

import { meta } from "./dom";

const rendered = Date.parse(meta("server-time"));
const offset = Number.isNaN(rendered) ? 0 : rendered - (performance.timeOrigin + responseStarted());

/** When the first byte of this page arrived, milliseconds after the visit began: the moment `server-time` was true. */
function responseStarted(): number {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return visit?.responseStart ?? 0;
}

/** Milliseconds since 1970 by the server's clock. It never jumps when somebody sets this computer's clock. */
export function serverNow(): number {
  return performance.timeOrigin + performance.now() + offset;
}

/** The zone in which the centre writes its times: `<meta name="zone" content="Europe/Moscow">`, else the computer's. */
export function inZone(): { timeZone?: string } {
  const zone = meta("zone");
  return zone ? { timeZone: zone } : {};
}

type Tick = (now: number) => void;

const listeners = new Set<Tick>();
let timer: number | undefined;

/** Calls `tick` at every full second while at least one listens. Returns the way to stop. */
export function everySecond(tick: Tick): () => void {
  listeners.add(tick);
  if (timer === undefined) schedule();
  return () => {
    listeners.delete(tick);
    if (listeners.size) return;
    window.clearTimeout(timer);
    timer = undefined;
  };
}

function schedule(): void {
  timer = window.setTimeout(() => {
    const now = serverNow();
    for (const tick of [...listeners]) tick(now);
    if (timer !== undefined) schedule();
  }, 1000 - (serverNow() % 1000));
}
