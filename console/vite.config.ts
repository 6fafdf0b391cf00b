import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a server. */
const SERVER = process.env["TOCSIN_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  define: { __SOURCE__: JSON.stringify(process.env["TOCSIN_SOURCE"] ?? "dev") },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    // Two engines behind the present ones; a dispatch room renews its browsers seldom, but it does.
    target: ["chrome111", "firefox114", "safari16.4"],
    // Inlined `data:` files would need a weaker content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    // What every page needs travels as one: many small files pack worse than one, and each costs a question.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "live", test: /[\\/]src[\\/](live[\\/](ask|http|desk|table|keys7|seats)|announce|words\.ts|guide[\\/]shown|generated[\\/]life)/ }] } } },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": SERVER, "/health": SERVER } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["tests/browser.ts"] },
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
} as Parameters<typeof defineConfig>[0]);
