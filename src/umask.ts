/**
 * The user's umask. What the engine makes has exactly the mode that it says, as under docker's daemon: a umask of 077 must not
 * keep a container's user from /etc/hosts, nor one of 000 let other users in. What is the user's own keeps to the user's.
 */
let users: number | undefined;

/** At the start of a program, before the engine makes anything. @returns the user's umask, an EngineOption */
export function takeUmask(): number {
  users ??= process.umask(0o022);
  return users;
}

/** Runs what makes files or processes for the user. `body` must not await. */
export function withUsersUmask<T>(body: () => T): T {
  const before = process.umask(takenUmask());
  try {
    return body();
  } finally {
    process.umask(before);
  }
}

/** The mode of a new file of the user's. */
export const usersFileMode = (): number => 0o666 & ~takenUmask();

function takenUmask(): number {
  return users ?? process.umask();
}
