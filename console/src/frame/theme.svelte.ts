/** Light, dark, or as the system has it. */

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const KEPT = "tocsin.theme";

class Look {
  theme: Theme = $state("system");
  /** What it comes to just now; the map draws itself anew when this changes. */
  isDark = $state(false);

  begin(): void {
    const asks = matchMedia("(prefers-color-scheme: dark)");
    this.set((localStorage.getItem(KEPT) as Theme | null) ?? "system");
    asks.addEventListener("change", () => this.set(this.theme));
  }

  set(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEPT, theme);
    this.isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset["theme"] = this.isDark ? "dark" : "light";
  }
}

export const look = new Look();
