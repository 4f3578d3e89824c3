"""What a merchant and an affiliate publish together: from the pitch to what it brought."""
