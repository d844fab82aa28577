/** What other rooms are told of all containers: one query each, however many there are. */
import type { MountPoint } from "../../docker.ts";
import { parseColumn } from "../../state/column.ts";
import type { Ground } from "../../state/ground.ts";
import { leasedSubjects } from "../../state/leases.ts";
import type { ContainerFacts, ContainerMounts } from "../../state/lent.ts";

/** What `error` of a row says while the container is removed with its anonymous volumes. */
export const removingWithVolumes = "removing with volumes";

const isRunning = "status IN ('running', 'paused', 'restarting')";
/** Ids as one parameter. */
const isOneOf = "id IN (SELECT value FROM json_each(?))";

export function containerFacts(ground: Ground): ContainerFacts {
  const mountsWhere = (where: string, ...values: string[]): ContainerMounts[] =>
    ground.db
      .all<{ id: string; mounts: string }>(`SELECT id, mounts FROM containers WHERE ${where} ORDER BY created`, ...values)
      .map(({ id, mounts }) => ({ id, mounts: parseColumn<MountPoint[]>(mounts, []) }));
  return {
    namesOf(ids) {
      const rows = ground.db.all<{ id: string; name: string }>(`SELECT id, name FROM containers WHERE ${isOneOf}`, JSON.stringify(ids));
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
    nameServersOf(ids) {
      const rows = ground.db.all<{ id: string; servers: string }>(
        `SELECT id, json_extract(host_config, '$.Dns') AS servers FROM containers WHERE ${isOneOf}
           AND CASE WHEN json_valid(host_config) THEN json_array_length(host_config, '$.Dns') END > 0`,
        JSON.stringify(ids),
      );
      return new Map(rows.map(({ id, servers }) => [id, JSON.parse(servers) as string[]]));
    },
    mounts: () => mountsWhere("NOT (status IN ('creating', 'removing') AND error = ?)", removingWithVolumes),
    mountsInUse({ starting = false } = {}) {
      if (!starting) return mountsWhere(isRunning);
      // A start holds a lease from before it mounts until the record says "running".
      const leased = JSON.stringify(leasedSubjects(ground, "container"));
      return mountsWhere(`${isRunning} OR (status <> 'creating' AND ${isOneOf})`, leased);
    },
    usersOf: (image) =>
      ground.db.all(
        `SELECT id, status FROM containers WHERE image = ?1
           OR EXISTS (SELECT 1 FROM json_each(mounts) WHERE value ->> 'Type' = 'image' AND value ->> 'Name' = ?1) ORDER BY created`,
        image,
      ),
    usersByImage() {
      const rows = ground.db.all<{ image: string; users: number }>(
        `SELECT image, count(*) AS users FROM (SELECT id, image FROM containers
           UNION SELECT containers.id, mount.value ->> 'Name' FROM containers, json_each(mounts) AS mount WHERE mount.value ->> 'Type' = 'image')
         GROUP BY image`,
      );
      return new Map(rows.map(({ image, users }) => [image, users]));
    },
  };
}

/** Ids of the images that containers were made of. */
export function imagesOfContainers(ground: Ground): string[] {
  return ground.db.all<{ image: string }>("SELECT DISTINCT image FROM containers").map(({ image }) => image);
}
