"""Finds a Chromium for the tests of the screens, or installs one; writes where it is to the file that is named.

Looks for TOCSIN_BROWSER, then for a Chromium of the system, then for one that Playwright has fetched before. Where there is none: apt-get
for root on Debian and its kin, else Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_on_system() -> str | None:
    """Path of a Chromium that somebody has installed."""
    stated = os.environ.get("TOCSIN_BROWSER")
    if stated:
        return stated
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def find_playwrights() -> str | None:
    """Path of the one that Playwright has fetched, if it did."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - half a second that most runs do not need

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> str | None:
    """Install one: as root from the distribution, else Playwright's."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("tocsin: installing Chromium for the tests of the screens (apt-get)")
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
        found = find_on_system()
        if found:
            return found
    print("tocsin: fetching Chromium for the tests of the screens (playwright)")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find_playwrights()


def main() -> int:
    """Exit status 1 and what to do where no browser is to be had."""
    out = Path(sys.argv[1])
    found = find_on_system() or find_playwrights() or install()
    if found is None:
        print("tocsin: no Chromium was found and none could be installed. Install Chromium, or set TOCSIN_BROWSER to its path.")
        return 1
    out.write_text(found, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
