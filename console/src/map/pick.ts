/** For whoever wants a place from the map, or shows one on it. */

export { cancel, pick, show, showClosure } from "./pick.svelte";
