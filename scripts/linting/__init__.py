"""The rules of scripts/lint."""
