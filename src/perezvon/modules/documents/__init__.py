"""Templates of documents, and the documents made from them for records of any module above."""
