"""Measurements that anybody can repeat; bench/README.md says how, and what was found."""
