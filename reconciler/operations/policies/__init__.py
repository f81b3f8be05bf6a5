"""Rules held against changes and plans: loading them, reading what they see."""
