/** What every page of the product loads. Each file documents the HTML it serves. */

import { startAnswers } from "./controllers/answers";
import { startBoards } from "./controllers/board";
import { startCommands } from "./controllers/commands";
import { startDialogs } from "./controllers/dialogs";
import { startDrafts } from "./controllers/drafts";
import { startHotkeySheet } from "./controllers/hotkey_sheet";
import { startHotkeys } from "./controllers/hotkeys";
import { startKeep } from "./controllers/keep";
import { startLists } from "./controllers/lists";
import { startLive } from "./controllers/live";
import { startLooks } from "./controllers/looks";
import { startPlaces } from "./controllers/places";
import { startReminders } from "./controllers/reminders";
import { startRequests } from "./controllers/requests";
import { startRinger } from "./controllers/ringer";
import { startTabs } from "./controllers/tabs";
import { startToasts } from "./controllers/toasts";
import { startTrees } from "./controllers/tree";
import { startSends } from "./controllers/sends";
import { startUploads } from "./controllers/uploads";
import "./elements/clock";
import "./elements/designer";
import "./elements/desk_phone";
import "./elements/echo_test";
import "./elements/editor";
import "./elements/lamp";
import "./elements/palette";
import "./elements/player";
import "./elements/planner";
import "./elements/timer";
import { whenReady } from "./kit/dom";

whenReady(() => {
  startLooks();
  startTabs(); // decides where an answer goes, before the others look at that place
  startRequests();
  startAnswers();
  startToasts();
  startKeep();
  startCommands();
  startDrafts();
  startDialogs();
  startLists();
  startTrees();
  startSends();
  startUploads();
  startHotkeys();
  startHotkeySheet();
  startRinger();
  startBoards();
  startPlaces();
  startReminders();
  startLive();
});
