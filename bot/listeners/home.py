"""The Home tab, drawn anew each time somebody opens it."""

from typing import Any

from slack_sdk.web import WebClient

from bot.house import House
from bot.listeners.errors import GuardedApp
from bot.messages import home

RECENT = 100


def register(app: GuardedApp, house: House) -> None:
    app.event("app_home_opened")(Home(house).opened)


class Home:
    def __init__(self, house: House) -> None:
        self._house = house

    def opened(self, event: dict[str, Any], client: WebClient) -> None:
        if event.get("tab") == "home":
            client.views_publish(user_id=event["user"], view=home.render(self._facts(event["user"])))

    def _facts(self, user_id: str) -> home.HomeFacts:
        recent = self._house.queries.recent(RECENT)
        running, waiting = self._house.cards.load()
        return home.HomeFacts(
            to_decide=self._house.queries.pending_for(user_id),
            mine=[s for s in recent if s.author.id == user_id],
            running=running,
            waiting=waiting,
            links=self._house.links,
        )
