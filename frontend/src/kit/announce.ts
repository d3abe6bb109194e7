/** Says a sentence to a screen reader without showing it: `<div id="announcer" role="status">` */

import { say } from "./dom";

export function announce(text: string): void {
  if (text) say(document.getElementById("announcer"), text);
}
