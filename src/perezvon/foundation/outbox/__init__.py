"""The outbox: facts and live messages, written with the change itself, numbered and rung by one relay."""
