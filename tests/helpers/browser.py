"""A headless Chromium for the tests of pages; they are skipped, with a sentence, where there is
none.
"""

import json
import shutil
from contextlib import contextmanager

import pytest

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --disable-extensions --force-device-scale-factor=1"
).split()


@contextmanager
def chromium(profile, width=1280, height=800):
    """A WebDriver of Chromium, with what it logs and requests kept; ``profile`` is a new folder for
    its files.
    """
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="pages are tested with pip install 'fastw2v[browser]'"
    )
    program, driver = (
        shutil.which("chromium") or shutil.which("google-chrome"),
        shutil.which("chromedriver"),
    )
    if not program or not driver:
        pytest.skip("pages are tested in a browser: install chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        resize(browser, width, height)
        prefer(browser, "light")
        yield browser
    finally:
        browser.quit()


def resize(browser, width, height):
    """Set the size of the page in pixels."""
    size = dict(width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def prefer(browser, scheme):
    """Let the system ask for "light" or "dark", and for no motion."""
    features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]
    wanted = {"features": [{"name": name, "value": value} for name, value in features]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)


def requested(browser):
    """The addresses that pages from the disk have asked for since this was last called, themselves
    and data: left out.
    """
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    asked = [
        (each["request"]["url"], each["documentURL"])
        for each in sent
        if each["documentURL"].startswith("file:")
    ]
    return [
        url
        for url, page in asked
        if not url.startswith("data:") and url.split("#")[0] != page.split("#")[0]
    ]


def complaints(browser):
    """What the browser's console says: errors, and what the page's security policy has kept from
    it.
    """
    return [entry["message"] for entry in browser.get_log("browser")]
