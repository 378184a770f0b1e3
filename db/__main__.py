"""`python -m db`: create the ledger or bring it to this program's revision."""

import sys

from db.errors import SignoffError
from db.migrations.run import migrate
from db.settings import LedgerSettings


def main() -> int:
    settings = LedgerSettings()
    try:
        migrate(settings.ledger_url)
    except SignoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("the ledger is up to date\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
