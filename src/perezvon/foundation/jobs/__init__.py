"""Long work of people: asked for in a click, done by a worker, followed by a progress bar, cancelled at will.

register_job("lists.export", export)              # in registrations.py

def export(work: Work) -> dict[str, Any]:         # in a worker; may be run again from the start after a kill
    for number, row in enumerate(rows):
        work.advance(number)                      # raises Cancelled as soon as somebody wants it to stop
    return {"file": …}

ask_for_job("lists.export", facts={…}, by=by, now=now)     # inside a command
"""
