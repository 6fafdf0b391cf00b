/** Speeds at which a told shift may go, times the wall clock's. */
export const SPEEDS: readonly number[] = [1, 4, 10, 60];

/** The next speed up (1) or down (-1); at the end of the list the same. */
export function next(speed: number, way: 1 | -1): number {
  const others = SPEEDS.filter((one) => (way > 0 ? one > speed : one < speed));
  return (way > 0 ? others[0] : others.at(-1)) ?? speed;
}
