"""The ledger's error tree. Each message names the offending value and the remedy."""


class SignoffError(Exception):
    """Base of every error that the ledger and its pure parts raise on purpose."""


class NotFound(SignoffError):
    """The thing asked for is not in the ledger."""


class Refused(SignoffError):
    """A rule of the house forbids what was asked; the message says which and what to do instead."""


class StartRefused(Refused):
    """The start weights that were asked for do not exist, or do not fit."""


class CodeRefused(Refused):
    """The code bundle that was asked for does not exist, cannot be built, or is not what was pushed."""


class DatasetRefused(Refused):
    """The dataset that was asked for is not registered, or cannot be."""


class Conflict(Refused):
    """Somebody else was first: the status or revision is no longer the one that the caller saw."""


class Busy(SignoffError):
    """The ledger is locked by another writer; nothing was saved, and the same call may be repeated."""


class Unavailable(Busy):
    """The ledger's database does not answer (down, full, broken); decide nothing and try again later."""


class WrongSchema(SignoffError):
    """The database is at another revision than this program; run `signoff migrate`."""


class LeaseLost(SignoffError):
    """This host's lease was taken over by a newer process; it must stop writing."""


class ConfigError(SignoffError):
    """A config, delta or override text that cannot be used."""


class ExpectationError(SignoffError):
    """An expected outcome that is outside the grammar or can never be judged."""
