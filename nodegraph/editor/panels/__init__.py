"""What stands around the canvas, one panel a file; each has `build(parent)` and `tick()`."""
