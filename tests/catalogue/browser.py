"""Looks at catalogues in a real browser: `browser.py PAGE HOSTILE SCREENSHOTS CHROMIUM`.

PAGE is the catalogue of the example, HOSTILE one whose texts are markup and script. Two widths, light and dark. Writes
a screenshot of each into SCREENSHOTS.
"""

import pathlib
import sys

from playwright.sync_api import sync_playwright

page_file, hostile_file, shots, chromium = sys.argv[1:5]
shots = pathlib.Path(shots)
shots.mkdir(parents=True, exist_ok=True)


def url(path):
    return pathlib.Path(path).resolve().as_uri()


def visit(browser, address, width, scheme):
    """A page, and what went wrong in it: messages of the console, dialogs, and requests for anything else."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: request.url.split("#")[0] == address.split("#")[0] or wrong.append(f"request: {request.url}"))
    page.goto(address)
    return page, wrong


def fits(page):
    wide = page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")
    assert not wide, "the page scrolls sideways"


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium)
    grounds = {}
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page, wrong = visit(browser, url(page_file), width, scheme)
            events = page.locator("details.event")
            assert events.count() == 2, events.count()
            assert page.locator("#count").inner_text() == "2 events"
            fits(page)
            page.locator("details.event summary").nth(1).click()
            assert page.locator("details.event").nth(1).locator("svg").is_visible()
            assert page.get_by_text("witness:").first.is_visible()
            fits(page)
            page.screenshot(path=shots / f"{scheme}-{width}.png", full_page=True)
            search = page.locator("#search")
            search.fill("emailer PUBLISHED")
            assert page.locator("details.event:visible").count() == 1
            assert page.locator("#count").inner_text() == "1 of 2 events"
            search.fill("no such event")
            assert page.locator("#none").is_visible() and page.locator("details.event:visible").count() == 0
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert not wrong, wrong
            page.context.close()
    assert grounds["light"] != grounds["dark"], grounds

    page, wrong = visit(browser, url(page_file) + "#e-app-core_2fproposal.accepted", 390, "light")
    assert page.locator("details.event[open]").count() == 1
    assert not wrong, wrong

    page, wrong = visit(browser, url(hostile_file), 390, "dark")
    page.evaluate("document.querySelectorAll('details').forEach(event => event.open = true)")
    assert page.locator("img").count() == 0 and page.locator("script").count() == 1
    fits(page)
    page.screenshot(path=shots / "hostile.png", full_page=True)
    assert not wrong, wrong

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url(page_file))
    page.locator("details.event summary").first.click()
    assert page.locator("details.event").first.locator("h3").first.is_visible(), "without script"
    browser.close()
print(f"the catalogue in {chromium}: two widths, light and dark, hostile texts, no script")
