/**
 * Rows of one subject by id. One signal for the whole table: a change of a hundred rows is one notice, and whoever shows fifty of them
 * compares fifty identities.
 */
export class Table<Row> {
  #rows = new Map<string, Row>();
  #version = $state(0);

  get size(): number {
    this.#heed();
    return this.#rows.size;
  }

  get(id: string | null | undefined): Row | undefined {
    this.#heed();
    return id == null ? undefined : this.#rows.get(id);
  }

  has(id: string): boolean {
    this.#heed();
    return this.#rows.has(id);
  }

  keys(): IterableIterator<string> {
    this.#heed();
    return this.#rows.keys();
  }

  /** In order of first appearance. */
  values(): IterableIterator<Row> {
    this.#heed();
    return this.#rows.values();
  }

  entries(): IterableIterator<[string, Row]> {
    this.#heed();
    return this.#rows.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, Row]> {
    return this.entries();
  }

  /** Only the live stream writes. */
  put(rows: readonly Row[] | undefined, id: (row: Row) => string, gone: readonly string[] = []): void {
    if (!rows?.length && !gone.length) return;
    for (const each of gone) this.#rows.delete(each);
    for (const row of rows ?? []) this.#rows.set(id(row), row);
    this.#version += 1;
  }

  replace(rows: readonly Row[], id: (row: Row) => string): void {
    this.#rows = new Map(rows.map((row) => [id(row), row]));
    this.#version += 1;
  }

  #heed(): void {
    void this.#version;
  }
}
