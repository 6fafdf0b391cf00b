/** Of a browser what modules touch while they are loaded. */
class Kept {
  #values = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

Object.assign(globalThis, { sessionStorage: new Kept(), localStorage: new Kept() });
