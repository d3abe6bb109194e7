/** Requests of our own, beside those of htmx: with the CSRF token, answers in words. */

import { meta } from "./dom";

/** The server said no, or could not be reached (`status` 0). `words`: its sentence for people, perhaps empty. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: string,
  ) {
    super(`${status} ${code}`);
  }
}

/** POSTs JSON, gives the JSON that comes back. Raises HttpError. `keepalive`: is sent even if the page closes. */
export async function postJson<T>(url: string, body: unknown, options: RequestInit = {}): Promise<T> {
  const headers = { ...jsonHeaders(), "Content-Type": "application/json" };
  const response = await send(url, { ...options, method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json().catch(() => ({}))) as T;
}

/** POSTs form fields. Raises HttpError. */
export function postForm(url: string, fields: Record<string, string>, options: RequestInit = {}): Promise<Response> {
  return send(url, { ...options, method: "POST", headers: jsonHeaders(), body: new URLSearchParams(fields) });
}

/** GETs JSON. Raises HttpError. */
export async function getJson<T>(url: string, options: RequestInit = {}): Promise<T> {
  const response = await send(url, { ...options, headers: { Accept: "application/json" } });
  return (await response.json()) as T;
}

/** What Django wants to see before it believes a POST: `<meta name="csrf" content="{{ csrf_token }}">`. */
export function csrfHeader(): Record<string, string> {
  return { "X-CSRFToken": meta("csrf") };
}

function jsonHeaders(): Record<string, string> {
  return { Accept: "application/json", ...csrfHeader() };
}

async function send(url: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new HttpError(0, "unreachable", "");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<HttpError> {
  const said = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  return new HttpError(response.status, said.code ?? String(response.status), said.message ?? "");
}
