/** The one polite live region: what a screen reader is told. Grids are silent; this speaks. */

class Announcer {
  text = $state("");

  say(text: string): void {
    // The same sentence twice is said twice: a no-break space makes it another one.
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
