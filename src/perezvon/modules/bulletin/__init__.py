"""What everybody should know: announcements that pass, instructions that stay, and who has read them."""
