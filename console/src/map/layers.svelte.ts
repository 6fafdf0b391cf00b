/** What the desk knows, on its way to the canvas. */

import { desk } from "../live/desk.svelte";
import { say } from "../words";
import { begin, withPlace } from "./draft";
import type { MapView } from "./ground";
import { circle, type Drawn, drawn } from "./lines";
import { reach, reachAreas, routeLines, routesOf } from "./loaded";
import { closing, picking } from "./pick.svelte";
import { incidentPoints, stationPoints } from "./points";
import { worldX, worldY } from "./projection";
import type { Scene } from "./scene.svelte";
import { failureTold } from "./told";
import { isShown } from "./view";

const REACH_MINUTES = [4, 8];
const ROUTES_EVERY_MS = 10_000;
const REACH_EVERY_MS = 60_000;
const CLOSURES_EVERY_MS = 10_000;
const SELECTED_ZOOM = 13;
const SHOW_ZOOM = 15.5;

export function takeUnits(scene: Scene): void {
  scene.stage?.setUnits([...desk.units.values()], desk.fixes, desk.instant());
}

/** Units, incidents, stations, closures and what is chosen. Call within a component. */
export function feedRows(scene: Scene): void {
  $effect(() => {
    void desk.units.size;
    if (scene.stage) takeUnits(scene);
  });
  $effect(() => scene.stage?.grow(desk.now));
  $effect(() => {
    const stage = scene.stage;
    if (!stage) return;
    stage.incidents = incidentPoints(desk.incidents.values(), desk.plan?.priorities ?? []);
    stage.stations = stationPoints(desk.stations.values());
    stage.redrawMarks();
  });
  $effect(() => {
    const now = Math.floor(desk.now / CLOSURES_EVERY_MS) * CLOSURES_EVERY_MS;
    const rows = [...desk.closures.values()];
    const lines = (isPlanned: boolean) =>
      rows
        .filter((row) => row.since > now + CLOSURES_EVERY_MS === isPlanned)
        .map((row) => drawn(isPlanned ? "planned" : "closure", row.closure, row.kind as Drawn["shape"], [row.places]));
    scene.stage?.setLines("closure", lines(false));
    scene.stage?.setLines("planned", lines(true));
  });
  $effect(() => {
    const stage = scene.stage;
    if (!stage) return;
    stage.chosen = { incident: desk.selected, unit: desk.selectedUnit, closure: scene.closure };
    stage.redraw();
  });
}

/** What somebody points at, draws or picks. Call within a component. */
export function feedHand(scene: Scene, mayClose: () => boolean): void {
  $effect(() => {
    if (!scene.stage) return;
    scene.stage.hovered = scene.hovered?.hit ?? null;
    scene.stage.redrawMarks();
  });
  // How unsure the selected incident's place is, and the place in hand of the intake.
  $effect(() => {
    const places = [desk.incident?.place, picking.shown].filter((place) => place != null);
    const circles = places.flatMap((place) =>
      place.at && place.uncertainty_m ? [drawn("doubt", "doubt", "polygon", [circle(place.at, place.uncertainty_m)])] : [],
    );
    const point = picking.shown?.at ? [drawn("doubt", "place", "points", [[picking.shown.at]])] : [];
    scene.stage?.setLines("doubt", [...circles, ...point]);
  });
  $effect(() => {
    const { draft } = scene;
    const shape = draft?.kind === "polygon" && draft.places.length < 3 ? "line" : draft?.kind;
    scene.stage?.setLines("draft", draft?.places.length && shape ? [drawn("draft", "draft", shape, [draft.places])] : []);
    if (scene.view?.kind === "map") (scene.view as MapView).setDrawing(draft !== null);
  });
  $effect(() => {
    if (!scene.stage) return;
    scene.stage.hasCross = picking.asked !== null || scene.draft !== null;
    scene.stage.redrawMarks();
  });
  $effect(() => {
    if (!closing.shown || !scene.view) return;
    const at = desk.closures.get(closing.shown)?.places[0];
    [scene.closure, closing.shown] = [closing.shown, null];
    if (at) show(scene, at as [number, number], SHOW_ZOOM);
  });
  // `rd` of the command line: the tool is on, with the place that was named as its first point.
  $effect(() => {
    const wish = closing.wish;
    if (!wish || !scene.view || !mayClose()) return;
    closing.wish = null;
    scene.reason = wish.reason;
    scene.placeText = wish.place && !wish.place.at ? (wish.place.text ?? "") : "";
    scene.draft = wish.place?.at ? withPlace(begin("points"), wish.place.at) : begin("line");
    if (wish.place?.at) show(scene, wish.place.at, SHOW_ZOOM);
  });
}

/** Routes of the selected incident, and how far free units get: asked for again every so often. Call within a component. */
export function feedRoads(scene: Scene, isReadOnly: () => boolean): void {
  // Anew when the incident's row changes, and every few seconds while somebody is under way.
  const routesFor = $derived(
    desk.selected === null || isReadOnly() ? null : `${desk.selected} ${desk.incident?.version} ${Math.floor(desk.now / ROUTES_EVERY_MS)}`,
  );
  $effect(() => {
    const incident = routesFor === null ? null : routesFor.slice(0, routesFor.indexOf(" "));
    if (incident === null) {
      scene.stage?.setLines("route", []);
      scene.stage?.setLines("picks", []);
      return;
    }
    void routesOf(incident).then((answer) => {
      if (answer.is !== "got" || desk.selected !== incident) return;
      const lines = routeLines(answer.answer.routes);
      scene.stage?.setLines("route", lines.route);
      scene.stage?.setLines("picks", lines.picks);
    });
  });
  const reachFor = $derived(scene.hasReach ? Math.floor(desk.now / REACH_EVERY_MS) : -1);
  $effect(() => {
    if (reachFor < 0) {
      scene.stage?.setLines("reach", []);
      return;
    }
    void reach(REACH_MINUTES).then((answer) => {
      if (!scene.hasReach) return;
      if (answer.is === "got") scene.stage?.setLines("reach", reachAreas(answer.answer));
      else [scene.hasReach, scene.trouble] = [false, say("console.map.failed", { what: failureTold(answer) })];
    });
  });
}

/** A selected incident or a wished place comes into view; what is in view moves nothing. Call within a component. */
export function follow(scene: Scene): void {
  let shownWish = 0;
  $effect(() => {
    const selection = `${desk.selected} ${desk.selectedUnit}`;
    if (!scene.view || !scene.stage || selection === scene.shownSelection) return;
    scene.shownSelection = selection;
    const at = desk.incident?.place.at;
    if (at && !isShown(scene.view.camera(), worldX(at[0]), worldY(at[1]), 30)) show(scene, at, SELECTED_ZOOM);
  });
  $effect(() => {
    if (!scene.view || picking.wish === shownWish) return;
    shownWish = picking.wish;
    if (picking.shown?.at) show(scene, picking.shown.at, SHOW_ZOOM);
  });
}

function show(scene: Scene, at: readonly [number, number], least: number): void {
  scene.view?.moveTo(worldX(at[0]), worldY(at[1]), Math.max(scene.view.camera().zoom, least));
}
