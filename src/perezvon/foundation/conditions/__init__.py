"""Conditions for people: words, and the form in which they are written. `cores/conditions` is what they mean."""
