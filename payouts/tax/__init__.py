"""What tax offices want: forms, VAT ids, who may be paid, and what is withheld."""
