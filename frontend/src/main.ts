/** What every page of the product loads. Each file documents the HTML it serves. */

import "./elements/clock";
import "./elements/timer";
