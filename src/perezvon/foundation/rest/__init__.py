"""What other programs talk to: keys, the guard of every operation, errors in words, and what describes it all."""
