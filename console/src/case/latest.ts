/** Type-ahead: waits until the typing pauses, and of several answers under way only the one to the last question counts. */
export class Latest<T> {
  private serial = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;

  constructor(
    private readonly fetchIt: (text: string, signal: AbortSignal) => Promise<T>,
    private readonly use: (answer: T, text: string) => void,
    private readonly fail: (why: unknown, text: string) => void,
    private readonly wait_ms = 180,
  ) {}

  /** Forget whatever was asked before and ask this, once the typing pauses. */
  ask(text: string, isAtOnce = false): void {
    this.stop();
    const mine = this.serial;
    this.timer = setTimeout(() => void this.run(text, mine), isAtOnce ? 0 : this.wait_ms);
  }

  /** Nothing that is still under way will be used. */
  stop(): void {
    this.serial += 1;
    clearTimeout(this.timer);
    this.running?.abort();
  }

  private async run(text: string, mine: number): Promise<void> {
    this.running = new AbortController();
    try {
      const answer = await this.fetchIt(text, this.running.signal);
      if (mine === this.serial) this.use(answer, text);
    } catch (why) {
      if (mine === this.serial) this.fail(why, text);
    }
  }
}
