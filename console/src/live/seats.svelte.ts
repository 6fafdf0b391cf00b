/** Who can be sent a message: the accounts that the server tells. */

import type { SeatTold } from "../generated/api";
import { got } from "./http";

class Seats {
  all: readonly SeatTold[] = $state.raw([]);

  /** Anew: accounts come and go during a shift. What is known stays where the server cannot be reached. */
  async ask(): Promise<void> {
    const answer = await got<SeatTold[]>("/api/seats");
    if (answer.is === "got") this.all = answer.answer;
  }
}

export const seats = new Seats();
