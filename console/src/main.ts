import { mount } from "svelte";
import App from "./App.svelte";
import { preferred, speak } from "./words";
import "./looks/console.css";

await speak(preferred());

export default mount(App, { target: document.getElementById("console")! });
