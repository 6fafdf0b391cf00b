/** The page of the lab with its words, which no other page carries. */
import { LAB_LOADERS } from "../generated/lab_words";
import { learn } from "../words";
import "./lab.css";

await learn(LAB_LOADERS);

export { default } from "./Lab.svelte";
