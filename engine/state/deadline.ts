/** Waiting for a time of the clock, however far it is: a timer alone ends at once when it is set for more than 24 days. */

/** Milliseconds after which the clock is looked at again: it may have been set meanwhile. */
const longest = 3_600_000;

/** Calls `act` once the clock says so. @param time seconds since the epoch */
export function atTime(time: number, act: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const left = time * 1000 - Date.now();
    if (left <= 0 && timer) act();
    else timer = setTimeout(look, Math.min(Math.max(0, left), longest));
  };
  look();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
