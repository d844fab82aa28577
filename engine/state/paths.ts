/**
 * Where everything is on disk: no other file makes these paths. test/engine/state/paths.test.ts compares this tree with a real one.
 *
 *     ROOT/                         0700, default /var/lib/berth
 *       berth.db berth.db-wal berth.db-shm  all records (schema.ts)
 *       reserve                     given up when the disk is full (reserve.ts)
 *       blobs/sha256/HEX            manifests and what else is kept of images as it came or went (image/store/blobs.ts)
 *       images/HEX.json             copies of images' rows and names (keepsake.ts)
 *       layers/ID/                  one unpacked layer
 *         record.json               copy of its row
 *         diff/                     its files, in overlay form (whiteouts are char 0/0)
 *         split                     what rebuilds the exact tar: headers and padding (tar-split)
 *         security.json             what was found in it, once somebody asked (image/audit/layer-facts.ts)
 *         spill                     contents that the tar holds and its own later entries replaced
 *       l/ID                        link to ../layers/ID/diff: short names, so that many lowerdirs fit one page of mount options
 *       containers/ID/
 *         record.json               copy of its row, as it was created
 *         bundle/                   OCI bundle: config.json, conmon's persist directory, pidfile, group (--cgroup-parent); quiet, loud: whose the log is (log-watcher.ts)
 *         upper/ work/ merged/      overlay
 *         ctr.log ctr.log.N         k8s-file log, and what was rotated, the older the lower N
 *         hostname hosts resolv.conf
 *         shm/                      mount point of the shared memory that other containers may join
 *         subpaths/                 mount points of parts of volumes
 *       volumes/NAME/
 *         record.json               copy of its row
 *         _data/                    volume data
 *       build/
 *         caches/NAME/ caches/NAME.json  cache mounts (build/cache/cache-mounts.ts)
 *         contexts/HEX              hashes of a context's files (build/context/hash-cache.ts)
 *         records/ID                what builds said (build/history/file.ts)
 *         steps/ID/                 workspaces of running steps (build/workspace/workspace.ts)
 *       tmp/NAME/                   temporary files, each held by a lease that names it (leases.ts)
 *     RUN/                          0700, /run/berth for the default root, else ROOT/run; gone after a reboot
 *       exits/ID                    conmon's exit file: the status in decimal
 *       netns/ID                    bind-mounted network namespaces
 *       runtime/ID/                 the OCI runtime's --root
 *       locks/NAME                  flock files
 *       seccomp/KEY                 profiles compiled for crun
 *       network/
 *         BRIDGE                    this bridge is in use
 *         .router4 .router6         this state directory made the host's table of forwarding (network/kernel/router.ts)
 *         dns/                      names on user networks, a file for each (network/names/server.ts)
 *         programs/                 programs that outlive berth (network/programs/program.ts); ROOT/programs where none can run here
 *         forward/                  IPv6 ports of IPv4 containers (network/forward/start.ts)
 *       notes/HEX                   what one command leaves for the next (notes.ts)
 *       log-watcher                 pipe: a line in it wakes the watcher of logs
 *       notify                      touched after every event: what watchers watch
 *     /run/berth.lock               flock file of all state directories: who takes a subnet, who turns forwarding on or off
 */
import { join, resolve } from "node:path";

export interface Paths {
  root: string;
  run: string;
  db: string;
  reserve: string;
  blobs: string;
  images: string;
  layers: string;
  links: string;
  containers: string;
  volumes: string;
  build: string;
  tmp: string;
  exits: string;
  netns: string;
  runtime: string;
  locks: string;
  network: string;
  notes: string;
  hostLock: string;
  notify: string;
}

export const defaultRoot = "/var/lib/berth";

/** @param root state directory; default `$BERTH_ROOT`, else /var/lib/berth */
export function pathsFor(root: string = process.env["BERTH_ROOT"] || defaultRoot): Paths {
  root = resolve(root);
  const run = root === defaultRoot ? "/run/berth" : join(root, "run");
  return {
    root,
    run,
    db: join(root, "berth.db"),
    reserve: join(root, "reserve"),
    blobs: join(root, "blobs", "sha256"),
    images: join(root, "images"),
    layers: join(root, "layers"),
    links: join(root, "l"),
    containers: join(root, "containers"),
    volumes: join(root, "volumes"),
    build: join(root, "build"),
    tmp: join(root, "tmp"),
    exits: join(run, "exits"),
    netns: join(run, "netns"),
    runtime: join(run, "runtime"),
    locks: join(run, "locks"),
    network: join(run, "network"),
    notes: join(run, "notes"),
    hostLock: "/run/berth.lock",
    notify: join(run, "notify"),
  };
}

/** The directories that must exist before anything is done. */
export function directoriesOf(paths: Paths): string[] {
  const { root, run, blobs, images, layers, links, containers, volumes, build, tmp, exits, netns, runtime, locks, network } = paths;
  return [root, run, blobs, images, layers, links, containers, volumes, build, tmp, exits, netns, runtime, locks, network];
}
