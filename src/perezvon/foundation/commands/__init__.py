"""Every write goes through a command: one transaction, its right checked, who and why kept."""
