/** What a statement runs in, and what its errors, values and outcomes are. */
export { breathe, isBreathDue } from "./breath.ts";
export { type Captured, capture, Kept, mostKept, streamsInto, tooLarge } from "./capture.ts";
export { contextOf, type Deferred, type Frame, type Leap, type Output, type Place, say } from "./frame.ts";
export { callFunction, type ScriptFunction, wrongCall } from "./functions.ts";
export { bindMatch, patternOf, patternsOf } from "./patterns.ts";
export { passage, placeAsIs, placeAt, pointAt, pointingAt, uncut, wordAt } from "./place.ts";
export { readScript, ScriptBytes, scriptPath, scriptText } from "./script-file.ts";
export { outOfTime, requireSuccess, statusOf, unexpected } from "./status.ts";
export { type Look, type Taken, Unread } from "./unread.ts";
export { type Expanded, isAlone, phrase, type SourceText, Variables } from "./variables.ts";
