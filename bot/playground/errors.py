"""How the playground says no: to an app (Slack's own error codes), and to a person at the control API."""

from bot.playground.records import Json


class SlackError(Exception):
    """A Web API call that Slack would refuse.

    `code` is Slack's error code, `messages` are the `response_metadata.messages`, `status` is the HTTP
    status; `extra` goes into the answer as it is (`needed`, `provided`, ...).
    """

    def __init__(
        self,
        code: str,
        *messages: str,
        status: int = 200,
        retry_after_s: int | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(f"{code}: {'; '.join(messages)}" if messages else code)
        self.code = code
        self.messages = messages
        self.status = status
        self.retry_after_s = retry_after_s
        self.extra = extra or {}

    def body(self) -> Json:
        answer: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            if self.code in ("invalid_blocks", "invalid_attachments"):
                answer["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}


class PersonError(Exception):
    """A person asked for something that Slack's own client would not let them do.

    `status` is the HTTP status of the control API's answer; `errors` are messages per block of a form.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 400, errors: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.errors = errors or {}

    def body(self) -> Json:
        answer: Json = {"ok": False, "error": self.code, "message": self.message}
        if self.errors:
            answer["errors"] = self.errors
        return answer
