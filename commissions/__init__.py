"""What affiliates earn: the rules that set it and the lines that record it."""
