/** The contract, kept through servers that are not berth's: what they do otherwise stands here, with the reason. */
import { contract } from "../engine/suite.ts";
import { openDockerd, openPodman } from "./server.ts";

contract({
  dockerd: {
    open: openDockerd,
    exceptions: {
      "a terminal of an exec has the size that it is given by id": "until 1.42 it has none before the process runs: it is set right after",
      "an exec needs a container that runs, a command that is there, and an id that is known":
        "20.10 notes 126 for a command that is not there, newer ones 127, as the error does here",
    },
  },
  podman: {
    open: openPodman,
    // Of 4.3, in Debian 12.
    exceptions: {
      "what is created is there and does not run": "it tells an image by its whole name",
      "wait gives the exit status, at once when it has ended, and can wait for the removal": "the status of what is removed is 0",
      "wait for the next end, and for the removal, of what does not run yet: registered before it starts":
        "the status of what is removed is 0",
      "attach with what was logged before": "what was logged comes without the heads of its pieces",
      "a table of its processes, while it runs": "it gives ps's lines as they are, in one column",
      "exec by id: made, looked at, started once, looked at again": "those that have ended stay in its list",
      "an exec that is detached runs on, and tells its end": "it does not tell the end of one that was detached",
      "a terminal of an exec has the size that it is given by id": "until 1.42 it has none before the process runs: it is set right after",
      "files go in and come out, and are told apart": "it makes the directory that an archive goes into",
      "an image is listed, told about, tagged and untagged; unknown ones are missing": "a name without a registry is localhost's",
      "an image that a container uses stays, unless it is only one of its names": "a name without a registry is localhost's",
      "import, save and load: the same image under the same name": "a name without a registry is localhost's",
      "prune removes what has no name, and no container": "a name without a registry is localhost's",
      "a Dockerfile becomes an image that runs; one that is wrong is refused with its place": "it tells no line",
      "those that are always there stay, names are given once, unknown ones are missing": "there is no network host, and no none",
      "who follows hears of everything, in order, until aborted": "what it removes it calls removed, not destroyed",
      "what has been is told again": "what it removes it calls removed, not destroyed",
    },
  },
});
