/** Docker's words for a container's state: "Up 3 minutes (healthy)", "Exited (0) 2 hours ago". Pure. */
import { type ContainerRecord, never } from "../record/index.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;
const month = 30 * day;
const year = 365 * day;

/** docker's HumanDuration (go-units). @param milliseconds not negative */
export function humanDuration(milliseconds: number): string {
  const count = (unit: number) => Math.floor(milliseconds / unit);
  if (milliseconds < second) return "Less than a second";
  if (milliseconds < 2 * second) return "1 second";
  if (milliseconds < minute) return `${count(second)} seconds`;
  if (milliseconds < 2 * minute) return "About a minute";
  if (milliseconds < hour) return `${count(minute)} minutes`;
  const hours = Math.round(milliseconds / hour);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${count(day)} days`;
  if (milliseconds < 2 * month) return `${count(week)} weeks`;
  if (milliseconds < 2 * year) return `${count(month)} months`;
  return `${count(year)} years`;
}

type Shown = Pick<ContainerRecord, "status" | "started" | "finished" | "exitCode" | "health" | "config">;

export function statusText(record: Shown, now = Date.now()): string {
  const since = (time: string) => humanDuration(Math.max(0, now - Date.parse(time)));
  switch (record.status) {
    case "paused":
      return `Up ${since(record.started)} (Paused)`;
    case "running": {
      const health = record.health?.Status;
      if (!health || health === "none") return `Up ${since(record.started)}`;
      return `Up ${since(record.started)} (${health === "starting" ? "health: starting" : health})`;
    }
    case "restarting":
      return `Restarting (${record.exitCode}) ${since(record.finished)} ago`;
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
    default:
      if (record.finished === never) return "Created";
      return `Exited (${record.exitCode}) ${since(record.finished)} ago`;
  }
}
