"""What only the book needs: figures, the explorer, the checks of exercises, and records."""
