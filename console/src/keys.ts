/** The keyboard: which key does what everywhere. Single letters act only in a list that has the focus, so they are not here. */

import { PANES, show } from "./panes";

/** Two presses of Escape count as one wish within this. */
const TWICE_MS = 600;

type Act = (event: KeyboardEvent) => void;

let toLine: () => void = () => {};
const acts = new Map<string, Act>();

/** Who takes the keyboard when somebody wants to type a command. */
export function setLineFocus(focus: () => void): void {
  toLine = focus;
}

export function focusLine(): void {
  toLine();
}

/** Binds a key, named like `F8`, `Alt+9` or `Ctrl+Enter`, everywhere on the page. Returns how to let it go. */
export function bind(key: string, act: Act): () => void {
  acts.set(key, act);
  return () => {
    if (acts.get(key) === act) acts.delete(key);
  };
}

/** `Alt+4`, `F4`, `Ctrl+Shift+K`. Digits by their place on the keyboard, as Alt makes other signs of them on some. */
export function nameOfKey(event: Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const name = event.altKey && digit ? digit : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const held = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.metaKey && "Meta", event.shiftKey && name.length > 1 && "Shift"];
  return [...held.filter(Boolean), name].join("+");
}

/** Whether the element takes text, so that signs belong to it. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

/** Listens for the whole page. Returns how to stop. */
export function listen(target: Window = window): () => void {
  let lastEscape = -Infinity;
  for (const pane of PANES) {
    if (pane.key) bind(pane.key, () => show(pane.id));
    if (pane.digit) bind(`Alt+${pane.digit}`, () => show(pane.id));
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const name = nameOfKey(event);
    if (name === "Escape") {
      const isSecond = event.timeStamp - lastEscape < TWICE_MS;
      lastEscape = isSecond ? -Infinity : event.timeStamp;
      if (isSecond) toLine();
      return;
    }
    if ((name === "/" || name === "`") && !isTyping(event.target)) {
      event.preventDefault();
      toLine();
      return;
    }
    const act = acts.get(name);
    if (!act) return;
    // F3, F5 and F6 are the browser's otherwise: find, reload, address.
    event.preventDefault();
    act(event);
  };
  target.addEventListener("keydown", onKey);
  return () => target.removeEventListener("keydown", onKey);
}
