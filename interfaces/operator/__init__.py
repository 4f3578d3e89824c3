"""Where the outside meets the domain: each package translates one way of asking."""
