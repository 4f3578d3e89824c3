"""What merchants offer: programs, their goals and their terms."""
