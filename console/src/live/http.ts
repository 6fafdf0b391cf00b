/** Requests to our own server. The network failing is an ordinary answer here: null. */

import { desk } from "./desk.svelte";
import type { Problem } from "./wire";

export async function fetched(path: string, init: RequestInit = {}): Promise<Response | null> {
  try {
    return await fetch(path, { cache: "no-store", credentials: "same-origin", ...init });
  } catch {
    return null;
  }
}

/** A POST or DELETE with the session's token against forged requests. */
export function sent(method: "POST" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<Response | null> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (desk.session) headers["X-Tocsin-Csrf"] = desk.session.csrf;
  return fetched(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) });
}

/** What a request brought: its answer, or why not. `down` = the server could not be reached. */
export type Got<Answer> = { is: "got"; answer: Answer } | { is: "problem"; status: number; problem: Problem } | { is: "down" };

/** `GET` of something small. */
export async function got<Answer>(path: string, signal?: AbortSignal): Promise<Got<Answer>> {
  return told<Answer>(await fetched(path, signal ? { signal } : {}));
}

export async function posted<Answer>(path: string, body: unknown, signal?: AbortSignal): Promise<Got<Answer>> {
  return told<Answer>(await sent("POST", path, body, signal));
}

/** Reads an answer. A refusal (409) that has the form of an answer is one. */
export async function told<Answer>(response: Response | null): Promise<Got<Answer>> {
  if (!response) return { is: "down" };
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return response.status >= 500 ? { is: "down" } : { is: "problem", status: response.status, problem: unknownProblem(response.status) };
  }
  if (response.ok || (response.status === 409 && !isProblem(body))) return { is: "got", answer: body as Answer };
  return { is: "problem", status: response.status, problem: isProblem(body) ? body : unknownProblem(response.status) };
}

/** A problem in sentences: the server's words begin small and end without a stop. */
export function sentences(problem: { what: string; do: string }): string {
  return [sentence(problem.what), problem.do].filter(Boolean).join(" ");
}

/** With a capital and a full stop. */
export function sentence(text: string): string {
  const bare = text.trim();
  if (!bare) return "";
  return bare[0]!.toLocaleUpperCase() + bare.slice(1) + (/[.!?…:]$/.test(bare) ? "" : ".");
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "what" in body;
}

function unknownProblem(status: number): Problem {
  return { code: `http_${status}`, what: `HTTP ${status}`, do: "", values: {} };
}
