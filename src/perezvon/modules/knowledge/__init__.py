"""What the centre knows: articles and solutions in a tree, their versions, the search over them, and how they serve."""
