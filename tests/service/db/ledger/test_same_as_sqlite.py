"""Every test of the ledger's verbs, on PostgreSQL."""

import pytest

from tests.unit.db.ledger.test_code import *  # noqa: F403
from tests.unit.db.ledger.test_conclude import *  # noqa: F403
from tests.unit.db.ledger.test_decide import *  # noqa: F403
from tests.unit.db.ledger.test_findings import *  # noqa: F403
from tests.unit.db.ledger.test_gpus import *  # noqa: F403
from tests.unit.db.ledger.test_outbox import *  # noqa: F403
from tests.unit.db.ledger.test_propose import *  # noqa: F403
from tests.unit.db.ledger.test_races import *  # noqa: F403
from tests.unit.db.ledger.test_reserve import *  # noqa: F403
from tests.unit.db.ledger.test_runs import *  # noqa: F403
from tests.unit.db.ledger.test_stopping_and_waiting import *  # noqa: F403

pytestmark = pytest.mark.service
