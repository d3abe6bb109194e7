"""What the desk shows: plain values for its templates, put together from the modules below."""
