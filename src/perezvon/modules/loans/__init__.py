"""Loan calculators: what a loan costs, and what early repayment changes; what was told stands with the contact."""
