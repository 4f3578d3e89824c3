"""The edge: answers clicks and serves the snippet, whatever else stands still."""
