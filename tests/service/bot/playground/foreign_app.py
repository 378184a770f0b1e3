"""A small Bolt app that knows nothing of Signoff: what any app does in thirty lines."""

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def make_app(base_url: str) -> App:
    """An app of the playground at `base_url`: /vote -> form -> message -> button -> update."""
    client = WebClient("xoxb-playground", base_url=f"{base_url}/api/", retry_handlers=[], timeout=10)
    app = App(client=client, signing_secret="playground-signing-secret")
    input_block: dict[str, Any] = {"type": "input", "block_id": "q", "label": plain("Question")}
    input_block["element"] = {"type": "plain_text_input", "action_id": "text"}
    form: dict[str, Any] = {
        "type": "modal",
        "callback_id": "vote",
        "title": plain("Vote"),
        "submit": plain("Ask"),
    }
    form["blocks"] = [input_block]
    button: dict[str, Any] = {"type": "button", "action_id": "yes", "text": plain("Yes"), "value": "1"}

    @app.command("/vote")
    def ask(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form | {"private_metadata": body["channel_id"]})

    @app.view("vote")
    def asked(ack: Any, view: dict[str, Any], client: WebClient) -> None:
        text = view["state"]["values"]["q"]["text"]["value"]
        if "?" not in text:
            ack(response_action="errors", errors={"q": "A question ends with a question mark."})
            return
        ack()
        blocks: list[dict[str, Any]] = [{"type": "section", "text": plain(text)}]
        blocks += [{"type": "actions", "elements": [button]}]
        client.chat_postMessage(channel=view["private_metadata"], text=text, blocks=blocks)

    @app.action("yes")
    def voted(ack: Any, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        ack()
        text = f"<@{body['user']['id']}> says yes"
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text=text, blocks=blocks)
        respond(text="counted", replace_original=False)

    return app
