"""Finding records by the words in them: prefixes in any order, the wrong keyboard layout, one typo a word."""
