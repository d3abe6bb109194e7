/** What we use of htmx 2, which every page loads as a plain script before ours. */

export interface Htmx {
  config: {
    allowEval: boolean;
    allowScriptTags: boolean;
    historyCacheSize: number;
    historyEnabled: boolean;
    includeIndicatorStyles: boolean;
    attributesToSettle: string[];
    defaultSettleDelay: number;
    refreshOnHistoryMiss: boolean;
    scrollBehavior: string;
  };
  ajax(verb: string, url: string, context: { target: Element; swap: string; source: Element }): Promise<void>;
  process(element: Element): void;
}

declare global {
  interface Window {
    htmx?: Htmx;
  }
}

/** `detail` of htmx:configRequest. */
export interface ConfigRequest {
  elt: Element;
  formData: FormData;
}

/** `detail` of htmx:beforeSwap. */
export interface BeforeSwap {
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
  requestConfig: { verb: string; path: string; elt: Element };
  serverResponse: string;
  shouldSwap: boolean;
  isError: boolean;
  swapOverride?: string;
}

/** `detail` of htmx:afterSwap. */
export interface AfterSwap {
  target: Element;
  xhr: XMLHttpRequest;
  requestConfig: { verb: string; path: string; triggeringEvent?: Event };
}

/** `detail` of htmx:oobBeforeSwap. */
export interface BeforeOobSwap {
  target: Element;
  fragment: ParentNode;
  shouldSwap: boolean;
}

/** `detail` of htmx:afterRequest and of its errors. */
export interface AfterRequest {
  elt: Element;
  xhr: XMLHttpRequest;
  successful?: boolean;
  requestConfig: { verb: string; path: string };
}

/** Listens to an event of htmx wherever it happens. */
export function onHtmx<Detail>(name: string, act: (detail: Detail, event: CustomEvent<Detail>) => void): void {
  document.addEventListener(`htmx:${name}`, (event) => {
    act((event as CustomEvent<Detail>).detail, event as CustomEvent<Detail>);
  });
}
