"""The text the demo model is trained on, by kind of document."""
