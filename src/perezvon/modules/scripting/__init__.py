"""Scenarios: drawn in the designer, versioned, and run at the desk."""
