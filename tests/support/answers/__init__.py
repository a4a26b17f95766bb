"""The example of every tool, and the pages of examples, played against the demo's world and recorded."""
