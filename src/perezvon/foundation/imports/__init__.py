"""One import for every kind of record.

register_importable(Importable(code="parcel", label=lazy("Parcels"), right="parcels.import", targets=targets,
                               write=write, look=look, undo=undo, words=words, url=url))

A module says what can be filled in (`targets`), what would come of rows (`look`), how they are written inside its own
command (`write`) and taken back (`undo`). Reading files, guessing columns, transforming cells, the trial run, the job
with its checkpoint, the file of refused rows and the list of imports are here.
"""
