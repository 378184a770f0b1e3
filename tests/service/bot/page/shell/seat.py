"""One person in front of the page, with the words that tests are written in."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

EXPERIMENTS = "C0EXPERIMENTS"


@dataclass(frozen=True)
class Seat:
    """A browser tab that acts as `user`."""

    page: Page
    base_url: str
    user: str

    def open(self, address: str = "") -> "Seat":
        """Go to an address of the page, or to where it opens by itself; wait until it can be used."""
        joint = "&" if "?" in address else "?"
        self.page.goto(f"{self.base_url}{address or '/'}{joint}user={self.user}")
        expect(self.get("act-as")).to_be_attached()
        return self

    def get(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    @property
    def input(self) -> Locator:
        return self.get("message-input")

    @property
    def modal(self) -> Locator:
        return self.get("modal")

    def say(self, text: str) -> Locator:
        """Write a message, or run a command; what came of the text, when it is a message."""
        self.input.fill(text)
        self.input.press("Escape")  # the list of suggestions would take the Enter
        self.input.press("Enter")
        return self.message(text)

    def message(self, text: str) -> Locator:
        """The newest message in the middle with this text."""
        return self.get("channel").get_by_test_id("message").filter(has_text=text).last

    def do(self, message: Locator, label: str) -> None:
        """Press a button of the message's toolbar."""
        message.hover()
        message.get_by_role("toolbar").get_by_label(label, exact=True).click()

    def more(self, message: Locator, label: str) -> None:
        """Choose from the message's menu."""
        self.do(message, "More actions")
        self.get("message-menu").get_by_role("menuitem", name=label).click()

    def in_modal(self, label: str) -> Locator:
        return self.modal.get_by_label(label, exact=True)

    def focused(self) -> Locator:
        return self.page.locator(":focus")
