"""What happened: links, clicks, customers, conversions and refunds, and who is credited."""
