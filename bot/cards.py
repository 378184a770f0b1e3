"""Renders outbox rows from the ledger as it is now (the sender's `Letters`, without pictures)."""
