"""A small Bolt app that does a little of everything a page must show, and nothing of Signoff."""

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

Json = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "Tally"},
    "features": {
        "slash_commands": [
            {"command": "/tally", "description": "Count something", "usage_hint": "[what to count]"},
            {"command": "/tell", "description": "Say it to the channel", "usage_hint": "<words>"},
            {"command": "/hush", "description": "Say it to you alone", "usage_hint": "<words>"},
            {"command": "/sleep", "description": "Never answer"},
        ],
        "shortcuts": [
            {
                "name": "Start a tally",
                "type": "global",
                "callback_id": "start",
                "description": "From anywhere",
            },
            {"name": "Tally this", "type": "message", "callback_id": "this", "description": "Its words"},
        ],
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}


EACH_LETTER = {"trigger_actions_on": ["on_character_entered"]}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def entry(block_id: str, label: str, **element: Any) -> Json:
    field = {"type": "plain_text_input", "action_id": "text", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": field}


def form(channel: str, *, note: str = "Nothing noted") -> Json:
    """The modal: two fields, of which the app hears each letter of the second, and buttons that do more."""
    buttons = [button("note", "Note it"), button("more", "More…")]
    return {
        "type": "modal",
        "callback_id": "tally",
        "private_metadata": channel,
        "notify_on_close": True,
        "title": plain("Tally"),
        "submit": plain("Count"),
        "blocks": [
            entry("what", "What"),
            entry("many", "How many", initial_value="1", dispatch_action_config=EACH_LETTER)
            | {"dispatch_action": True},
            {"type": "section", "block_id": "note", "text": plain(note)},
            {"type": "actions", "block_id": "buttons", "elements": buttons},
        ],
    }


def card(what: str, many: int) -> list[Json]:
    return [
        {"type": "section", "block_id": "card", "text": {"type": "mrkdwn", "text": f"*{what}*: {many}"}},
        {"type": "actions", "block_id": "do", "elements": [button("add", "Add one", value=f"{what}|{many}")]},
    ]


def home(opened: int) -> Json:
    return {"type": "home", "blocks": [{"type": "header", "text": plain(f"Opened {opened} times")}]}


def make_app(base_url: str) -> App:
    """The app of the playground at `base_url`."""
    app = App(client=WebClient("xoxb-playground", base_url=f"{base_url}/api/", retry_handlers=[], timeout=10))
    _commands(app)
    _forms(app)
    _shortcuts(app)
    return app


def _commands(app: App) -> None:
    @app.command("/tally")
    def tally(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form(body["channel_id"]))

    @app.command("/tell")
    def tell(ack: Any, body: Json, say: Any) -> None:
        ack()
        say(body["text"])

    @app.command("/hush")
    def hush(ack: Any, body: Json) -> None:
        ack(f"Between us: {body['text']}")

    @app.command("/sleep")
    def sleep() -> None:
        """Does not ack."""

    @app.action("add")
    def add(ack: Any, action: Json, body: Json, client: WebClient) -> None:
        ack()
        what, many = action["value"].split("|")
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        client.chat_update(**where, text=what, blocks=card(what, int(many) + 1))


def _forms(app: App) -> None:
    @app.view("tally")
    def tallied(ack: Any, view: Json, client: WebClient) -> None:
        values = view["state"]["values"]
        what, many = values["what"]["text"]["value"], values["many"]["text"]["value"]
        if not many.isdigit():
            ack(response_action="errors", errors={"many": "A whole number, please."})
            return
        ack()
        client.chat_postMessage(channel=view["private_metadata"], text=what, blocks=card(what, int(many)))

    @app.action("text")
    def typed(ack: Any) -> None:
        ack()

    @app.action("note")
    def note(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        view = body["view"]
        changed = form(view["private_metadata"], note="Noted")
        client.views_update(view_id=view["id"], hash=view["hash"], view=changed)

    @app.action("more")
    def more(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        blocks = [{"type": "section", "text": plain("A second page")}]
        pushed = {"type": "modal", "callback_id": "second", "title": plain("Page two"), "blocks": blocks}
        client.views_push(trigger_id=body["trigger_id"], view=pushed)

    @app.view_closed("tally")
    def closed(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        where = {"channel": body["view"]["private_metadata"], "user": body["user"]["id"]}
        client.chat_postEphemeral(**where, text="Another time, then.")


def _shortcuts(app: App) -> None:
    opened: dict[str, int] = {}

    @app.shortcut("start")
    def start(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("C0EXPERIMENTS"))

    @app.shortcut("this")
    def this(ack: Any, body: Json, respond: Any) -> None:
        ack()
        respond(f"Counted {len(body['message']['text'].split())} words.")

    @app.event("app_home_opened")
    def home_opened(event: Json, client: WebClient) -> None:
        user = event["user"]
        opened[user] = opened.get(user, 0) + 1
        client.views_publish(user_id=user, view=home(opened[user]))
