"""What somebody is told although he looks elsewhere: a bell, and behind it the last that concerned him."""
