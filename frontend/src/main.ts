/** What every page of the product loads. Each file documents the HTML it serves. */

import { startLive } from "./controllers/live";
import "./elements/clock";
import "./elements/lamp";
import "./elements/timer";
import { whenReady } from "./kit/dom";

whenReady(startLive);
