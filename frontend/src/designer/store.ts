/**
 * What is drawn, for the scheme and the list alike. Documents are never changed but replaced, so that taking back is
 * going to the one before; what did not change stays the same object.
 */

import type { Document, Flaw, Jump, Places, Step, Way } from "./kinds";
import { ENDS } from "./kinds";
import { arrange, free, HEIGHT } from "./places";

export interface State {
  document: Document;
  places: Places;
  /** Ids of steps; a way is chosen as "step/way". */
  chosen: ReadonlySet<string>;
  flaws: Flaw[];
  canUndo: boolean;
  canRedo: boolean;
}

export interface Part {
  perezvon: "scenario-part";
  steps: Step[];
  places: Places;
}

type Moment = Pick<State, "document" | "places">;
const MOST_UNDO = 100;
const TOGETHER_MS = 800;

export class Store {
  #state: State;
  #past: Moment[] = [];
  #future: Moment[] = [];
  #listeners = new Set<(state: State) => void>();
  #last = { what: "", at: 0 };

  constructor(document: Document, places: Places, flaws: Flaw[] = []) {
    this.#state = { document, places, chosen: new Set(), flaws, canUndo: false, canRedo: false };
    this.#state.places = this.#complete(document, places);
  }

  get state(): State {
    return this.#state;
  }

  /** Called at once and after each change; gives what ends it. */
  subscribe(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#state.canUndo = this.#past.length > 0;
    this.#state.canRedo = this.#future.length > 0;
    for (const listener of this.#listeners) listener(this.#state);
  }

  /** Typing into one field is one thing to take back: `what` names it. */
  #draw(document: Document, places: Places, what = "", chosen?: ReadonlySet<string>): void {
    const now = Date.now();
    const goesOn = what !== "" && what === this.#last.what && now - this.#last.at < TOGETHER_MS;
    if (!goesOn) {
      this.#past.push({ document: this.#state.document, places: this.#state.places });
      this.#past.splice(0, this.#past.length - MOST_UNDO);
    }
    this.#future = [];
    this.#last = { what, at: now };
    this.#set({ document, places, ...(chosen ? { chosen } : {}) });
  }

  #complete(document: Document, places: Places): Places {
    const ids = Object.keys(document.nodes ?? {});
    if (ids.every((id) => Array.isArray(places[id]))) return places;
    return { ...arrange(document), ...places };
  }

  // --- what stays as it was drawn ---

  choose(...ids: string[]): void {
    const same = ids.length === this.#state.chosen.size && ids.every((id) => this.#state.chosen.has(id));
    if (!same) this.#set({ chosen: new Set(ids) });
  }

  mark(flaws: Flaw[]): void {
    this.#set({ flaws });
  }

  undo(): void {
    this.#go(this.#past, this.#future);
  }

  redo(): void {
    this.#go(this.#future, this.#past);
  }

  #go(from: Moment[], to: Moment[]): void {
    const moment = from.pop();
    if (!moment) return;
    to.push({ document: this.#state.document, places: this.#state.places });
    this.#last = { what: "", at: 0 };
    const chosen = [...this.#state.chosen].filter((id) => (id.split("/")[0] ?? "") in moment.document.nodes);
    this.#set({ ...moment, chosen: new Set(chosen) });
  }

  // --- the whole ---

  change(change: Partial<Document>, what = ""): void {
    this.#draw({ ...this.#state.document, ...change }, this.#state.places, what);
  }

  changeJump(at: number, change: Partial<Jump>, what = ""): void {
    const jumps = (this.#state.document.jumps ?? []).map((jump, place) => (place === at ? { ...jump, ...change } : jump));
    this.change({ jumps }, what);
  }

  arrange(): void {
    this.#draw(this.#state.document, arrange(this.#state.document));
  }

  // --- steps ---

  /** A new one, chosen; with `after` the step before leads to it. Gives its id. */
  add(kind: string, titles: Record<string, string>, at?: [number, number], after = ""): string {
    const { document, places } = this.#state;
    const id = fresh(kind, (one) => one in document.nodes);
    const step: Step = { id, kind, title: titles };
    if (kind === "question") step.fields = [{ code: fresh("answer", (one) => hasField(document, one)), ask: "one" }];
    const previous = places[after];
    const place = free(places, at ?? (previous ? [previous[0], previous[1] + HEIGHT + 66] : this.#below()));
    let nodes = { ...document.nodes, [id]: step };
    if (after && document.nodes[after]) nodes = { ...nodes, [after]: withWay(document.nodes[after], id) };
    const start = document.start in document.nodes ? document.start : id;
    this.#draw({ ...document, nodes, start }, { ...places, [id]: place }, "", new Set([id]));
    return id;
  }

  #below(): [number, number] {
    const lowest = Object.values(this.#state.places).reduce((most, [, y]) => Math.max(most, y), -HEIGHT);
    return [0, lowest + HEIGHT + 66];
  }

  changeStep(id: string, change: Partial<Step>, what = ""): void {
    const { document, places } = this.#state;
    const step = document.nodes[id];
    if (!step) return;
    this.#draw({ ...document, nodes: { ...document.nodes, [id]: { ...step, ...change } } }, places, what && id + what);
  }

  changeWay(id: string, code: string, change: Partial<Way>, what = ""): void {
    const ways = (this.#state.document.nodes[id]?.ways ?? []).map((way) =>
      way.code === code ? { ...way, ...change } : way,
    );
    this.changeStep(id, { ways }, what && code + what);
  }

  /** A way from one step to another; where one leads there already, nothing. */
  connect(from: string, to: string): void {
    const step = this.#state.document.nodes[from];
    if (!step || !(to in this.#state.document.nodes) || ENDS.has(step.kind)) return;
    const open = (step.ways ?? []).find((way) => !(way.to in this.#state.document.nodes));
    if (open) this.changeWay(from, open.code, { to });
    else this.changeStep(from, { ways: withWay(step, to).ways ?? [] });
  }

  move(moved: Places): void {
    this.#draw(this.#state.document, { ...this.#state.places, ...moved });
  }

  /** Steps with the ways that led to them, and ways ("step/way"). */
  remove(ids: Iterable<string>): void {
    const gone = new Set(ids);
    if (!gone.size) return;
    const { document, places } = this.#state;
    const kept = Object.values(document.nodes).filter(({ id }) => !gone.has(id));
    const nodes = Object.fromEntries(kept.map((step) => [step.id, without(step, gone)]));
    const start = document.start in nodes ? document.start : "";
    const left = Object.fromEntries(Object.entries(places).filter(([id]) => id in nodes));
    this.#draw({ ...document, nodes, start }, left, "", new Set());
  }

  // --- parts ---

  /** The chosen steps, to be put in again here or in another scenario. */
  part(ids: Iterable<string> = this.#state.chosen): Part | undefined {
    const { document, places } = this.#state;
    const steps = [...ids].map((id) => document.nodes[id]).filter((step) => step !== undefined);
    if (!steps.length) return undefined;
    const there = Object.fromEntries(steps.map(({ id }) => [id, places[id] ?? [0, 0]])) as Places;
    return { perezvon: "scenario-part", steps, places: there };
  }

  /** Puts a part in under new ids; ways out of it go where they went if that is here. Gives how many steps. */
  insert(part: Part): number {
    const { document, places } = this.#state;
    const ids = new Map<string, string>();
    const codes = new Map<string, string>();
    const taken = (id: string): boolean => id in document.nodes || [...ids.values()].includes(id);
    const used = (code: string): boolean => hasField(document, code) || [...codes.values()].includes(code);
    for (const { id, kind, fields } of part.steps) {
      ids.set(id, taken(id) ? fresh(kind, taken) : id);
      for (const { code } of fields ?? []) if (!codes.has(code)) codes.set(code, used(code) ? fresh(code, used) : code);
    }
    const nodes = { ...document.nodes };
    const where = { ...places };
    for (const step of part.steps) {
      const id = ids.get(step.id) ?? step.id;
      nodes[id] = renamed(step, id, ids, codes);
      const [x, y] = part.places[step.id] ?? [0, 0];
      where[id] = free(where, [x + 48, y + 48]);
    }
    this.#draw({ ...document, nodes }, where, "", new Set(ids.values()));
    return part.steps.length;
  }
}

/** A part out of what was copied; undefined for anything else. */
export function readPart(text: string): Part | undefined {
  try {
    const part = JSON.parse(text) as Partial<Part>;
    const isPart = part.perezvon === "scenario-part" && Array.isArray(part.steps) && typeof part.places === "object";
    const steps = isPart ? part.steps?.filter((step) => typeof step?.id === "string" && typeof step.kind === "string") : [];
    return steps?.length ? { perezvon: "scenario-part", steps, places: part.places ?? {} } : undefined;
  } catch {
    return undefined;
  }
}

/** `name`, or with the first number that is free. */
export function fresh(name: string, isTaken: (code: string) => boolean): string {
  const stem = name.replace(/_?\d+$/, "");
  for (let number = 1; ; number += 1) {
    const code = number === 1 ? stem : `${stem}${number}`;
    if (!isTaken(code)) return code;
  }
}

export function hasField(document: Document, code: string): boolean {
  return Object.values(document.nodes).some((step) => step.fields?.some((field) => field.code === code));
}

export function newWay(step: Step, to: string): Way {
  return { code: fresh("way", (code) => (step.ways ?? []).some((way) => way.code === code)), to };
}

function withWay(step: Step, to: string): Step {
  if (ENDS.has(step.kind)) return step;
  return { ...step, ways: [...(step.ways ?? []), newWay(step, to)] };
}

function without(step: Step, gone: ReadonlySet<string>): Step {
  const ways = (step.ways ?? []).filter((way) => !gone.has(way.to) && !gone.has(`${step.id}/${way.code}`));
  const isSame = ways.length === (step.ways ?? []).length && !gone.has(step.late_to ?? "");
  return isSame ? step : { ...step, ways, late_to: gone.has(step.late_to ?? "") ? "" : (step.late_to ?? "") };
}

function renamed(step: Step, id: string, ids: ReadonlyMap<string, string>, codes: ReadonlyMap<string, string>): Step {
  const text = JSON.stringify({ ...step, id }, (key, value: unknown) => {
    if ((key === "to" || key === "late_to") && typeof value === "string") return ids.get(value) ?? value;
    return value;
  });
  const copy = JSON.parse(text) as Step;
  for (const field of copy.fields ?? []) field.code = codes.get(field.code) ?? field.code;
  for (const condition of conditionsOf(copy)) condition[0] = codes.get(String(condition[0])) ?? condition[0];
  return copy;
}

function conditionsOf(step: Step): unknown[][] {
  const wheres = [...(step.ways ?? []).flatMap((way) => [way.when, way.needs]), ...(step.text?.variants ?? []).map(({ when }) => when)];
  const rows = (where: unknown): unknown[][] => {
    if (!Array.isArray(where)) return [];
    if (where[0] !== "and" && where[0] !== "or") return [where];
    return where.slice(1).flatMap(rows);
  };
  return wheres.filter((where) => where?.length).flatMap(rows);
}
