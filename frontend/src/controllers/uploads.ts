/**
 * Files on their way to the server: several at once, each with a bar and a way to stop it.
 *
 *     <form data-upload="/files/of/customer/0192f3/" data-most-bytes="26214400" data-list="files-0192f3"
 *           data-text-large="too large" data-text-failed="…" data-text-stopped="…" data-text-done="…">
 *       <input type="file" name="file" multiple> <ul class="upload-rows"></ul>
 *       <template><li><span data-upload-name></span><progress max="100"></progress><span data-upload-state></span>
 *         <button data-upload-stop></button></li></template>
 *
 * Files may be dropped on the form. When one is there, the element `data-list` hears `files:changed`.
 */

import { around, words } from "../kit/dom";
import { csrfHeader } from "../kit/http";

export function startUploads(): void {
  document.addEventListener("change", (event) => {
    const input = event.target;
    const form = around(event, "[data-upload]");
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !form) return;
    sendAll(form, input.files);
    input.value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => drag(event as DragEvent));
}

function drag(event: DragEvent): void {
  const form = around(event, "[data-upload]");
  if (!form || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.toggleAttribute("data-over", event.type === "dragover");
  if (event.type === "drop") sendAll(form, event.dataTransfer.files);
}

function sendAll(form: HTMLElement, files: FileList | null): void {
  for (const file of files ?? []) send(form, file);
}

function send(form: HTMLElement, file: File): void {
  const row = form.querySelector("template")?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return;
  form.querySelector(".upload-rows")?.append(row);
  say(row, "[data-upload-name]", file.name);
  if (file.size > Number(form.dataset["mostBytes"])) return end(row, words(form, "large"), "bad");
  const request = new XMLHttpRequest();
  row.querySelector("[data-upload-stop]")?.addEventListener("click", () => request.abort(), { once: true });
  request.upload.addEventListener("progress", ({ loaded, total }) => advance(row, (loaded / total) * 100));
  request.addEventListener("load", () => answered(form, row, request));
  request.addEventListener("error", () => end(row, words(form, "failed"), "bad"));
  request.addEventListener("abort", () => end(row, words(form, "stopped"), ""));
  request.open("POST", form.dataset["upload"] ?? "");
  for (const [name, value] of Object.entries({ ...csrfHeader(), Accept: "application/json" }))
    request.setRequestHeader(name, value);
  const body = new FormData();
  body.append("file", file);
  request.send(body);
}

function answered(form: HTMLElement, row: HTMLElement, request: XMLHttpRequest): void {
  if (request.status !== 200) return end(row, refusal(request) || words(form, "failed"), "bad");
  advance(row, 100);
  end(row, words(form, "done"), "good");
  document.getElementById(form.dataset["list"] ?? "")?.dispatchEvent(new CustomEvent("files:changed"));
}

function refusal(request: XMLHttpRequest): string {
  try {
    return (JSON.parse(request.responseText) as { message?: string }).message ?? "";
  } catch {
    return ""; // a proxy's page
  }
}

function advance(row: HTMLElement, percent: number): void {
  const bar = row.querySelector("progress");
  if (bar) bar.value = percent;
}

function end(row: HTMLElement, text: string, tone: string): void {
  row.querySelector("[data-upload-stop]")?.remove();
  row.dataset["tone"] = tone;
  if (tone !== "good") row.querySelector("progress")?.remove();
  say(row, "[data-upload-state]", text);
}

function say(row: HTMLElement, where: string, text: string): void {
  const place = row.querySelector(where);
  if (place) place.textContent = text;
}
