/** A scenario as the server keeps it (cores/scripting/codec), and what the designer is given to draw it with. */

export type Texts = Record<string, string>;
/** ["and", [fact, operator, ...values], ...], or two levels of it; [] asks for nothing. */
export type Where = unknown[];

export interface Said {
  texts?: Texts;
  variants?: { when: Where; texts: Texts }[];
}

export interface Option {
  code: string;
  texts?: Texts;
  score?: string;
}

export interface Field {
  code: string;
  ask?: string;
  label?: Texts;
  required?: boolean;
  options?: Option[];
  rows?: Option[];
  least?: string | null;
  most?: string | null;
  weight?: string;
  bands?: { least: string; score: string }[];
  binds?: string;
}

export interface Phrase {
  code: string;
  text: Said;
  mandatory?: boolean;
}

export interface Way {
  code: string;
  to: string;
  label?: Texts;
  when?: Where;
  needs?: Where;
  why?: Texts;
  sets?: Record<string, string>;
}

export interface Step {
  id: string;
  kind: string;
  title?: Texts;
  text?: Said;
  phrases?: Phrase[];
  fields?: Field[];
  ways?: Way[];
  counts?: string;
  limit_s?: number;
  late_to?: string;
  does?: string;
  gives?: Record<string, string>;
  waits?: boolean;
  scenario?: string;
  result?: string;
}

export interface Jump {
  code: string;
  to: string;
  label?: Texts;
  when?: Where;
  returns?: boolean;
}

export interface Document {
  key: string;
  version: number;
  start: string;
  nodes: Record<string, Step>;
  languages?: string[];
  jumps?: Jump[];
  facts?: Record<string, string>;
}

export type Places = Record<string, [number, number]>;

export interface Flaw {
  node: string;
  code: string;
  about: string;
  words: string;
}

export interface Operator {
  code: string;
  label: string;
  values: number;
  of: string;
}

export interface Term {
  code: string;
  label: string;
  type: string;
  picks: [string, string][] | null;
}

export interface Parameter {
  code: string;
  label: string;
  kind: string;
  required: boolean;
  picks: [string, string][];
}

export interface Named {
  code: string;
  label: string;
}

/** All that the page brings along. */
export interface Drawn {
  document: Document;
  places: Places;
  revision: number;
  inForce: number;
  isNew: boolean;
  language: string;
  flaws: Flaw[];
  urls: Record<string, string>;
  kinds: (Named & { icon: string })[];
  asks: (Named & { type: string })[];
  terms: Term[];
  operators: Record<string, Operator[]>;
  actions: (Named & { parameters: Parameter[] })[];
  scenarios: Named[];
  languages: Named[];
  words: Record<string, string>;
}

/** All that the page of how it goes brings along. `lines`: the figures of a step, in words; `share`: in percent. */
export interface Watched {
  document: Document;
  places: Places;
  language: string;
  kinds: (Named & { icon: string })[];
  nodes: Record<string, { lines: string[]; isLost: boolean }>;
  ways: { id: string; from: string; to: string; label: string; count: number; share: number; isJump: boolean }[];
  words: Record<string, string>;
}

export const ENDS = new Set(["end", "return"]);
export const SHOWN = new Set(["phrase", "form", "question", "choice"]);
