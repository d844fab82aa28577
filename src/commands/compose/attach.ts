/** `berth compose attach`. */
import attach from "../container/attach.ts";
import { ofService } from "./of-service.ts";

const spec = ofService(attach, {
  summary: "Attach to the standard streams of a service's container",
  examples: [{ line: "berth compose attach --no-stdin web", does: "Watch what it prints, without typing into it" }],
  running: true,
});

export default spec;
