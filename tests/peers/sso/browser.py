"""A person's browser: Debian's Chromium, headless, driven by selenium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.peers.sso import names

CHROMIUM, CHROMEDRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-dev-shm-usage"),
    *("disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions"),
)
_WAIT_S = 20.0


class Person:
    """Somebody at a browser."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver

    def begin(self, address: str) -> None:
        """Go there with a browser that was never anywhere, and wherever that leads without a click."""
        self._driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.open(address)

    def open(self, address: str) -> None:
        """Go there."""
        self._driver.get(address)

    def sign_in(self, tenant: str) -> None:
        """At the pages of that tenant's IdP, where the browser is."""
        if tenant == names.SAML_TENANT:
            self._sign_in_by_saml(names.ANA)
        else:
            self._sign_in_by_oidc(names.BO)

    def sees(self, selector: str) -> str:
        """The text of the element, which appears in time."""
        return str(self._wait().until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector)).text)

    def is_at(self, host: str) -> bool:
        """Whether the page is one of that host."""
        return self._driver.current_url.startswith(f"https://{host}/")

    def is_stopped_by_policy(self) -> bool:
        """Whether the browser itself says, in time, that the page's policy forbids to send its form."""
        return bool(self._wait().until(lambda driver: any(map(_is_stopped, _log(driver)))))

    def says(self) -> str:
        """What the application's page says of the login, once the browser is there."""
        return self.sees("#who")

    def _sign_in_by_saml(self, email: str) -> None:
        """At the SAML IdP's page: who it is."""
        self._type("input[name=email]", email)
        self._click("#sign-in")

    def _sign_in_by_oidc(self, email: str) -> None:
        """At the OpenID provider's pages: who it is, and that the application may know it."""
        self._type("input[name=login]", email)
        self._type("input[name=password]", "any")
        self._click("button[type=submit]")
        self._wait().until(lambda driver: "consent" in driver.page_source.lower())
        self._click("button[type=submit]")

    def _type(self, selector: str, text: str) -> None:
        field = self._wait().until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))
        field.send_keys(text)

    def _click(self, selector: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def _wait(self) -> WebDriverWait[Chrome]:
        return WebDriverWait(self._driver, _WAIT_S)


def _log(driver: Chrome) -> list[dict[str, Any]]:
    return list(driver.get_log("browser"))  # type: ignore[no-untyped-call]


def _is_stopped(entry: dict[str, Any]) -> bool:
    return entry["source"] == "security" and "form-action" in entry["message"]


@contextmanager
def browser(folder: Path, port: int, pin: str) -> Iterator[Person]:
    """A browser for which all names are at that port, and which trusts the authority of that key."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in _FLAGS:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={folder}")
    options.add_argument(f"--host-resolver-rules=MAP * 127.0.0.1:{port}")
    options.add_argument(f"--ignore-certificate-errors-spki-list={pin}")
    driver = Chrome(options=options, service=ChromeService(str(CHROMEDRIVER)))
    try:
        yield Person(driver)
    finally:
        driver.quit()
