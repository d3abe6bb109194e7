/** What the customer's call page loads: no htmx, nothing of the desk. */

import "./elements/call_page";
import "./elements/timer";
