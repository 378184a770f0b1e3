"""Entry point of the `signoff` command, and of `python -m bot.cli`."""

import sys

from bot.cli.app import make_app


def main() -> None:
    """Run the command that the arguments name."""
    make_app(pretty=sys.stdout.isatty())()


if __name__ == "__main__":
    main()
