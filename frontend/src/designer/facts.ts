/** What conditions and texts of a drawing may speak of: what is known from outside, and what the drawing brings. */

import type { Document, Drawn, Term, Texts } from "./kinds";

/** In the language of the page, else in any. */
export function said(texts: Texts | undefined, language: string): string {
  if (!texts) return "";
  return texts[language] || Object.values(texts).find(Boolean) || "";
}

export function factsOf(document: Document, drawn: Drawn): Term[] {
  const { words, language } = drawn;
  const own = new Map<string, Term>();
  const put = (code: string, label: string, type: string, picks: [string, string][] | null = null): void => {
    own.set(code, { code, label: label || code, type, picks });
  };
  for (const step of Object.values(document.nodes)) {
    for (const field of step.fields ?? []) {
      const type = drawn.asks.find(({ code }) => code === (field.ask ?? "text"))?.type ?? "text";
      const options = field.options?.map(({ code, texts }): [string, string] => [code, said(texts, language) || code]);
      const isChosen = type === "choice" || type === "many";
      put(field.code, said(field.label, language) || said(step.title, language), type, isChosen ? (options ?? []) : null);
    }
    if (step.counts) put(`count.${step.counts}`, (words["count_fact"] ?? "").replace("{name}", step.counts), "number");
  }
  for (const [code, type] of Object.entries(document.facts ?? {})) put(code, code, type);
  put("score", words["score_fact"] ?? "", "number");
  put("outcome", words["outcome_fact"] ?? "", "text");
  put("language", words["language_fact"] ?? "", "text");
  return [...own.values(), ...drawn.terms.filter(({ code }) => !own.has(code))];
}

// --- conditions ---

export interface Group {
  join: string;
  conditions: string[][];
}

export interface Asked {
  join: string;
  groups: Group[];
}

const JOINS = new Set(["and", "or"]);

export function readWhere(where: unknown[] | undefined): Asked {
  if (!where?.length) return { join: "and", groups: [] };
  const [join, ...items] = where as [string, ...unknown[][]];
  const isFlat = items.every((item) => !JOINS.has(String(item[0])));
  if (isFlat) return { join: "and", groups: [{ join, conditions: items as string[][] }] };
  const groups = items.map((item) => {
    if (!JOINS.has(String(item[0]))) return { join: "and", conditions: [item as string[]] };
    return { join: String(item[0]), conditions: item.slice(1) as string[][] };
  });
  return { join, groups };
}

export function writeWhere({ join, groups }: Asked): unknown[] {
  const filled = groups.filter(({ conditions }) => conditions.length);
  const written = filled.map((group) => [group.join, ...group.conditions]);
  return written.length === 1 ? (written[0] ?? []) : written.length ? [join, ...written] : [];
}
