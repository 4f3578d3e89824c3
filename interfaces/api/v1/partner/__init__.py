"""The affiliate's part: own rows only, of every merchant; the merchants' customers never."""
