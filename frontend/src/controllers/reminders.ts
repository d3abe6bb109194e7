/**
 * Reminders of planned work: a notice in the corner that takes nobody's focus and stays until it is closed.
 *
 *     <div hidden data-reminders="/tasks/reminder/"></div>
 *
 * The live message names the task; the notice is fetched with the reader's own rights. Each is shown once in a window.
 */

const shown = new Set<string>();

export function startReminders(): void {
  document.body.addEventListener("live:reminder", (event) => {
    const { id, version } = (event as CustomEvent<{ id: string; version?: number }>).detail;
    const url = document.querySelector("[data-reminders]")?.getAttribute("data-reminders");
    const region = document.getElementById("toasts");
    if (!url || !region || shown.has(`${id}/${version}`)) return;
    shown.add(`${id}/${version}`);
    void window.htmx?.ajax("GET", `${url}?task=${id}`, { source: region, target: region, swap: "beforeend" });
  });
}
