/** What somebody wants to see or do in the detail before it is there: it is loaded only when it is first seen. */

class Wishes {
  /** The place of this incident is to be looked up by these words. */
  place: { incident: string; text: string } | null = $state.raw(null);
  /** Moves with each wish to see the recommendation. */
  advice = $state(0);
}

export const wishes = new Wishes();
