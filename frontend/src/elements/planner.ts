/**
 * The calendar of planned work: month, week, day and list. What is shown is asked for by what is seen of it; dragging
 * and stretching POST the new time, and put everything back when the server refuses.
 *
 *     <cc-planner events="/tasks/calendar/events/?person=7" new="/tasks/new/" lang="ru" data-text-today="today" ...>
 *
 * The calendar itself is a chunk of its own, loaded when the first one is on a page.
 */

import { announce } from "../kit/announce";
import { words } from "../kit/dom";
import { HttpError, getJson, postForm } from "../kit/http";
import { toast } from "../controllers/toasts";

interface Row {
  id: string;
  title: string;
  start: string;
  end: string;
  editable: boolean;
  tone: string;
  note: string;
  url: string;
  move_url: string;
  version: number;
}

interface Shown {
  start: Date;
  end: Date;
  title: unknown;
  extendedProps: Partial<Row>;
}

interface Changed {
  event: Shown;
  revert: () => void;
}

const NARROW = 640;

class Planner extends HTMLElement {
  #end: (() => void) | undefined;
  #refetch = (): void => undefined;
  #listen = (): void => this.#refetch();

  connectedCallback(): void {
    document.body.addEventListener("live:task", this.#listen);
    document.body.addEventListener("live:resync", this.#listen);
    void this.#show();
  }

  disconnectedCallback(): void {
    document.body.removeEventListener("live:task", this.#listen);
    document.body.removeEventListener("live:resync", this.#listen);
    this.#end?.();
    this.#end = undefined;
    this.replaceChildren();
  }

  async #show(): Promise<void> {
    const { createCalendar, destroyCalendar, DayGrid, TimeGrid, List, Interaction } = await import("@event-calendar/core");
    if (!this.isConnected || this.#end) return;
    const calendar = createCalendar(this, [DayGrid, TimeGrid, List, Interaction], {
      view: this.clientWidth < NARROW ? "listWeek" : "timeGridWeek",
      headerToolbar: { start: "prev,next today", center: "title", end: "dayGridMonth,timeGridWeek,timeGridDay,listWeek" },
      buttonText: (text: Record<string, string>) => ({
        ...text,
        today: words(this, "today"),
        dayGridMonth: words(this, "month"),
        timeGridWeek: words(this, "week"),
        timeGridDay: words(this, "day"),
        listWeek: words(this, "list"),
        prev: words(this, "previous"),
        next: words(this, "next"),
      }),
      noEventsContent: words(this, "none"),
      locale: this.getAttribute("lang") ?? "ru",
      firstDay: 1,
      height: "640px",
      allDaySlot: false,
      nowIndicator: this.#sameClock(),
      displayEventEnd: false,
      scrollTime: "08:00:00",
      slotDuration: "00:30:00",
      snapDuration: "00:15:00",
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      eventSources: [{ events: (asked: { startStr: string; endStr: string }) => this.#events(asked) }],
      lazyFetching: false,
      eventStartEditable: true,
      eventDurationEditable: true,
      eventClassNames: ({ event }: { event: Shown }) => [`planner-${event.extendedProps.tone ?? ""}`],
      eventDidMount: ({ el, event }: { el: HTMLElement; event: Shown }) => this.#makeLink(el, event),
      eventClick: ({ event }: { event: Shown }) => this.#open(event.extendedProps.url ?? ""),
      eventDrop: (change: Changed) => void this.#moved(change, false),
      eventResize: (change: Changed) => void this.#moved(change, true),
      dateClick: ({ dateStr }: { dateStr: string }) => this.#plan(dateStr),
    } as never);
    this.#refetch = () => void (calendar as { refetchEvents(): unknown }).refetchEvents();
    this.#end = () => void destroyCalendar(calendar);
    this.dataset["ready"] = "";
  }

  /** The line of "now" is drawn by the browser's clock: only where that shows what the centre's does. */
  #sameClock(): boolean {
    const zone = this.getAttribute("zone") || undefined;
    const shown = (timeZone: string | undefined): string => new Date().toLocaleString("en", { timeZone });
    return shown(zone) === shown(undefined);
  }

  async #events({ startStr, endStr }: { startStr: string; endStr: string }): Promise<object[]> {
    const url = new URL(this.getAttribute("events") ?? "", location.href);
    url.searchParams.set("start", startStr);
    url.searchParams.set("end", endStr);
    try {
      const { events } = await getJson<{ events: Row[] }>(url.href);
      return events.map((row) => ({ ...row, extendedProps: row }));
    } catch {
      toast(words(this, "failed"), "bad");
      return [];
    }
  }

  /** With the keyboard an appointment is a link like any other. */
  #makeLink(shown: HTMLElement, event: Shown): void {
    shown.setAttribute("role", "link");
    shown.tabIndex = 0;
    shown.title = [event.extendedProps.title, event.extendedProps.note].filter(Boolean).join(" · ");
    shown.addEventListener("keydown", (key) => key.key === "Enter" && this.#open(event.extendedProps.url ?? ""));
  }

  #open(url: string): void {
    if (url) this.#go(url);
  }

  #plan(day: string): void {
    const url = this.getAttribute("new");
    const [date = "", time = ""] = day.split("T");
    if (url) this.#go(`${url}?date=${date}${time ? `&time=${time.slice(0, 5)}` : ""}`);
  }

  /** As a link of the page would: inside the desk it becomes a tab. */
  #go(url: string): void {
    const link = document.createElement("a");
    link.href = url;
    link.dataset["tab"] = "";
    link.hidden = true;
    this.after(link);
    link.click();
    link.remove();
  }

  async #moved({ event, revert }: Changed, isResized: boolean): Promise<void> {
    const row = event.extendedProps;
    const fields = { start: wall(event.start), end: wall(event.end), version: String(row.version ?? "") };
    try {
      await postForm(row.move_url ?? "", isResized ? { ...fields, resized: "1" } : fields);
      announce(words(this, "moved", { title: row.title ?? "", time: fields.start.replace("T", " ") }));
      this.#refetch();
    } catch (error) {
      revert();
      if (error instanceof HttpError) toast(error.words || words(this, "failed"), "bad");
    }
  }
}

/** What the calendar's wall shows, without a zone: the server knows in which one the page was drawn. */
function wall(moment: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

customElements.define("cc-planner", Planner);
