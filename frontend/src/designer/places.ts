/** Where steps stand that nobody has placed: in layers, each step one below the first that leads to it. */

import type { Document, Places } from "./kinds";

export const WIDTH = 200;
export const HEIGHT = 74;
const ACROSS = WIDTH + 50;
const DOWN = HEIGHT + 66;

/** Places for all steps. Breadth first from the start, then from what may come up at any time, then the rest. */
export function arrange(document: Document): Places {
  const layers: string[][] = [];
  const seen = new Set<string>();
  const roots = [document.start, ...(document.jumps ?? []).map(({ to }) => to), ...Object.keys(document.nodes)];
  for (const root of roots) {
    let edge = root in document.nodes && !seen.has(root) ? [root] : [];
    const isFirst = root === document.start;
    for (let depth = 0; edge.length; depth += 1) {
      const layer = (layers[depth] ??= []);
      const next: string[] = [];
      for (const id of edge) {
        if (seen.has(id)) continue;
        seen.add(id);
        layer.push(id);
        for (const target of targets(document, id)) if (!seen.has(target)) next.push(target);
      }
      edge = [...new Set(next)];
      if (!isFirst && depth > 5_000) break;
    }
  }
  return placed(layers, document);
}

/** The steps that one leads to. */
export function targets(document: Document, id: string): string[] {
  const step = document.nodes[id];
  if (!step) return [];
  const found = [...(step.ways ?? []).map(({ to }) => to), ...(step.late_to ? [step.late_to] : [])];
  return found.filter((to) => to in document.nodes);
}

function placed(layers: string[][], document: Document): Places {
  const places: Places = {};
  const from = sources(document);
  layers.forEach((layer, depth) => {
    const wished = (id: string): number => {
      const above = (from[id] ?? []).map((source) => places[source]?.[0]).filter((x) => x !== undefined);
      return above.length ? above.reduce((sum, x) => sum + x, 0) / above.length : Number.MAX_SAFE_INTEGER;
    };
    const ordered = depth ? [...layer].sort((one, other) => wished(one) - wished(other)) : layer;
    const left = (-(ordered.length - 1) * ACROSS) / 2;
    ordered.forEach((id, at) => (places[id] = [Math.round(left + at * ACROSS), depth * DOWN]));
  });
  return places;
}

function sources(document: Document): Record<string, string[]> {
  const from: Record<string, string[]> = {};
  for (const id of Object.keys(document.nodes)) {
    for (const to of targets(document, id)) (from[to] ??= []).push(id);
  }
  return from;
}

/** A free place: there, or a little further where something stands already. */
export function free(places: Places, [x, y]: [number, number]): [number, number] {
  const taken = Object.values(places);
  let [left, top] = [Math.round(x), Math.round(y)];
  while (taken.some((one) => Math.abs(one[0] - left) < 24 && Math.abs(one[1] - top) < 24)) {
    left += 32;
    top += 32;
  }
  return [left, top];
}
