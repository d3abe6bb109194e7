/** What every page of the product loads. Each file documents the HTML it serves. */

import { startCommands } from "./controllers/commands";
import { startKeep } from "./controllers/keep";
import { startLive } from "./controllers/live";
import { startRequests } from "./controllers/requests";
import { startToasts } from "./controllers/toasts";
import "./elements/clock";
import "./elements/lamp";
import "./elements/timer";
import { whenReady } from "./kit/dom";

whenReady(() => {
  startRequests();
  startToasts();
  startKeep();
  startCommands();
  startLive();
});
