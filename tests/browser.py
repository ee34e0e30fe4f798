"""A real browser for the tests of pages: headless Chromium, driven by selenium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """A browser window that opens files.

    Attributes:
        driver: selenium's driver.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, width: int, height: int = 900, *, dark: bool = False) -> None:
        """Open a file in a window of so many CSS pixels."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get("about:blank")
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(path.resolve().as_uri())

    def run(self, script: str) -> Any:
        """What a piece of JavaScript returns in the page."""
        return self.driver.execute_script(script)

    def press(self, key: str) -> None:
        """Press a key: "Tab", "Enter"."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            code = {"Tab": 9, "Enter": 13}[key]
            event = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.driver.execute_cdp_cmd("Input.dispatchKeyEvent", event | text)

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened; `data:` asks for nothing."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return [url for url in found if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What the console says since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.run(f"return {root}.scrollWidth - {root}.clientWidth"))

    def violations(self) -> list[str]:
        """What axe-core takes for a serious or critical fault of accessibility."""
        self.run(axe_source())
        self.driver.set_script_timeout(120)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {preload: false, resultTypes: ['violations']})"
            ".then(r => done(r.violations), e => done([{id: String(e), impact: 'serious', "
            "nodes: []}]))"
        )
        return [
            f"{v['id']}: {n['target']} {n.get('failureSummary', '')}"
            for v in found
            if v["impact"] in ("serious", "critical")
            for n in v["nodes"] or [{"target": ""}]
        ]

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Save what the window shows, or the whole page, as PNG."""
        import base64

        options: dict[str, Any] = {"format": "png", "captureBeyondViewport": whole}
        if whole:
            metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            options["clip"] = {
                "x": 0, "y": 0, "width": metrics["width"], "height": metrics["height"], "scale": 1,
            }  # fmt: skip
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", options)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """A browser with a new profile in the folder `profile`; skips the test where there is none."""
    selenium = pytest.importorskip(
        "selenium.webdriver", reason="needs selenium: pip install 'dataguard[test]'"
    )
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium and chromedriver: apt-get install chromium chromium-driver")
    options = selenium.ChromeOptions()
    options.binary_location = program
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = selenium.ChromeService(driver, log_output=subprocess.DEVNULL)
    browser = selenium.Chrome(options=options, service=service)
    try:
        yield Browser(browser)
    finally:
        browser.quit()


@cache
def axe_source() -> str:
    """axe-core, from `AXE_CORE` or the nearest `node_modules`; skips the test where it is not."""
    named = os.environ.get("AXE_CORE")
    folders = (Path.cwd(), *Path.cwd().parents)
    installed = [f / "node_modules" / "axe-core" / "axe.min.js" for f in folders]
    for place in [Path(named)] if named else installed:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    pytest.skip("needs axe-core: npm install axe-core, or AXE_CORE=…/axe.min.js")
